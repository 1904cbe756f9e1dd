package state_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/state"
)

type order struct {
	ID        int64
	UpdatedAt time.Time
}

var orders = []order{
	{1, time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)},
	{2, time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)},
	{3, time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)},
}

// A source that delivers its rows in the order of the cursor's value can be
// resumed in the middle: the cursor moves with each row. In a connector, the
// runtime makes the document and hands it to Sync as a State.
func ExampleNewCursor_sorted() {
	doc, _ := state.Parse([]byte(`{"orders":{"cursor":"2026-01-01T00:00:00Z"}}`))

	since := state.NewCursor[time.Time](doc, "orders", state.Sorted())
	fmt.Println("from", since.Start().Format(time.RFC3339))
	for _, o := range orders[:2] {
		// The row is handed over here.
		since.Advance(o.UpdatedAt)
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// from 2026-01-01T00:00:00Z
	// {"orders":{"cursor":"2026-01-02T10:00:00Z"}}
}

// A source that delivers its rows in any order can't be resumed in the middle:
// the cursor moves when the table has been read to its end.
func ExampleNewCursor_unsorted() {
	doc := state.New()

	since := state.NewCursor[time.Time](doc, "orders")
	fmt.Println("first sync:", since.First())
	for _, o := range []order{orders[2], orders[0], orders[1]} {
		since.Advance(o.UpdatedAt)
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("on the way: %s\n", doc.Saved())
	_ = doc.Finish("orders")
	fmt.Printf("at the end: %s\n", doc.Saved())
	// Output:
	// first sync: true
	// on the way: {}
	// at the end: {"orders":{"cursor":"2026-01-02T10:00:00Z"}}
}

// A token is the source's own word for a place in its feed of changes.
func ExampleNewCursor_token() {
	doc, _ := state.Parse([]byte(`{"events":{"cursor":"cGFnZTox"}}`))
	feed := state.NewCursor[state.Token](doc, "events")
	fmt.Println(feed.Start())
	feed.Advance("cGFnZToy")
	_ = doc.Checkpoint("events")
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// cGFnZTox
	// {"events":{"cursor":"cGFnZToy"}}
}

// A source that shows some rows an hour late is read from an hour before where
// the last sync ended.
func ExampleLookback() {
	doc, _ := state.Parse([]byte(`{"orders":{"cursor":"2026-01-02T10:00:00Z"}}`))
	since := state.NewCursor[time.Time](doc, "orders", state.Lookback(time.Hour))
	fmt.Println(since.Start().Format(time.RFC3339))
	// Output: 2026-01-02T09:00:00Z
}

// The bound is taken before the first request. A row that changes while the
// sync runs is delivered, but the next sync begins at the bound and reads it
// again, along with those that became visible late.
func ExampleUpTo() {
	began := time.Date(2026, 1, 2, 9, 30, 0, 0, time.UTC) // time.Now()
	doc := state.New()
	since := state.NewCursor[time.Time](doc, "orders", state.Sorted(), state.UpTo(began))
	for _, o := range orders {
		since.Advance(o.UpdatedAt)
	}
	_ = doc.Finish("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output: {"orders":{"cursor":"2026-01-02T09:30:00Z"}}
}

// The orders of each shop are read by themselves, and so each shop has a cursor.
// Once there are more shops than the limit, one cursor serves all.
func ExampleNewPartitions() {
	doc := state.New()
	sync := func(limit int, bound int64, shops ...string) {
		p := state.NewPartitions[int64](doc, "orders", limit, state.Sorted(), state.UpTo(bound))
		for i, shop := range shops {
			since := p.Cursor(shop)
			since.Advance(since.Start() + int64(i) + 1)
		}
		_ = doc.Finish("orders")
		fmt.Printf("%s\n", doc.Saved())
	}
	sync(2, 100, "berlin", "zurich")
	sync(2, 200, "berlin", "zurich", "wien")
	// Output:
	// {"orders":{"partitions":{"berlin":1,"zurich":2}}}
	// {"orders":{"cursor":200}}
}

// What is no cursor is kept under a key of its own.
func ExamplePart_Set() {
	type export struct {
		Job  string `json:"job"`
		Part int    `json:"part"`
	}
	doc := state.New()
	if err := doc.Table("events").Set("export", export{Job: "j-17", Part: 3}); err != nil {
		fmt.Println(err)
	}
	_ = doc.Checkpoint("events")
	fmt.Printf("%s\n", doc.Saved())

	next, _ := state.Parse(doc.Saved())
	var resume export
	found, err := next.Table("events").Get("export", &resume)
	fmt.Println(found, err, resume.Part)
	// Output:
	// {"events":{"export":{"job":"j-17","part":3}}}
	// true <nil> 3
}

// Version 1 of a connector called the table invoices; version 2 calls it bills.
// States that version 1 left behind go on to be of use.
func ExampleParse_migrations() {
	rename := func(old map[string]json.RawMessage) error {
		old["bills"] = old["invoices"]
		delete(old, "invoices")
		return nil
	}
	doc, err := state.Parse([]byte(`{"invoices":{"cursor":4711}}`), rename)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", doc.Saved())

	_, err = state.Parse([]byte(`{"bills":{"cursor":4711},"_version":2}`), rename)
	fmt.Println(err)
	// Output:
	// {"bills":{"cursor":4711},"_version":1}
	// state: it is of version 2, and this connector knows versions up to 1; run the newer connector, which wrote it, or reset it to sync from the start
}

// A platform may keep the state of each table by itself.
func ExampleJoin() {
	joined, err := state.Join([][]byte{
		[]byte(`{"orders":{"cursor":7}}`),
		[]byte(`{"carts":{"cursor":3}}`),
		nil, // a table without a state
	})
	fmt.Println(string(joined), err)
	// Output: {"carts":{"cursor":3},"orders":{"cursor":7}} <nil>
}
