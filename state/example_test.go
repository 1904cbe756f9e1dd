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

// If the rows of a source are sorted by the cursor's value, the cursor moves
// with each row, and a sync can resume in the middle. In a connector, the runtime
// creates the document and passes it to Sync as a State.
func ExampleNewCursor_sorted() {
	doc, _ := state.Parse([]byte(`{"orders":{"cursor":"2026-01-01T00:00:00Z"}}`))

	since := state.NewCursor[time.Time](doc, "orders", state.Sorted())
	fmt.Println("from", since.Start().Format(time.RFC3339))
	for _, o := range orders[:2] {
		// The connector delivers the row here.
		since.Advance(o.UpdatedAt)
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// from 2026-01-01T00:00:00Z
	// {"orders":{"cursor":"2026-01-02T10:00:00Z"}}
}

// If the rows of a source are in any order, a sync cannot resume in the middle.
// The cursor moves when the whole table has been read.
func ExampleNewCursor_unsorted() {
	doc := state.New()

	since := state.NewCursor[time.Time](doc, "orders")
	fmt.Println("first sync:", since.First())
	for _, o := range []order{orders[2], orders[0], orders[1]} {
		since.Advance(o.UpdatedAt)
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("before the end: %s\n", doc.Saved())
	_ = doc.Finish("orders")
	fmt.Printf("at the end: %s\n", doc.Saved())
	// Output:
	// first sync: true
	// before the end: {}
	// at the end: {"orders":{"cursor":"2026-01-02T10:00:00Z"}}
}

// A token is an opaque string with which a source identifies a position in its
// feed of changes.
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

// If some rows become visible up to an hour late, each sync starts an hour
// before the value where the previous one ended.
func ExampleLookback() {
	doc, _ := state.Parse([]byte(`{"orders":{"cursor":"2026-01-02T10:00:00Z"}}`))
	since := state.NewCursor[time.Time](doc, "orders", state.Lookback(time.Hour))
	fmt.Println(since.Start().Format(time.RFC3339))
	// Output: 2026-01-02T09:00:00Z
}

// The bound is determined before the first request. A row that changes during
// the sync is delivered. The next sync starts at the bound and reads the row
// again, as well as rows that have become visible late.
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

// The orders of each shop are read separately, so each shop has its own cursor.
// Once there are more shops than the limit, a common cursor replaces the others.
// The state then lists the shops that it covers, by a hash of each name.
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
	// {"orders":{"_partitions":{"covers":"QD1-BVIZgR2uJhVc-zipP9ie","cursor":200}}}
}

// A snapshot is read in two ranges. When it is complete, the positions in the
// ranges are not needed any more, and the next snapshot starts from the
// beginning.
func ExamplePartitions_DeleteAll() {
	doc := state.New()
	ranges := state.NewPartitions[int64](doc, "events", 10, state.Sorted(), state.Key("snapshot"))
	for name, last := range map[string]int64{"1-500": 500, "501-1000": 1000} {
		ranges.Cursor(name).Advance(last) // after each row
	}
	_ = doc.Checkpoint("events")
	fmt.Printf("%s\n", doc.Saved())

	ranges.DeleteAll()
	_ = doc.Finish("events")
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// {"events":{"snapshot":{"1-500":500,"501-1000":1000}}}
	// {}
}

// The user has removed the account "old" from the configuration.
func ExamplePartitions_Names() {
	doc, _ := state.Parse([]byte(`{"orders":{"partitions":{"acme":7,"old":3}}}`))
	configured := map[string]bool{"acme": true}
	accounts := state.NewPartitions[int64](doc, "orders", 100)
	for name := range accounts.Names() {
		if !configured[name] {
			accounts.Delete(name)
		}
	}
	_ = doc.Finish("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output: {"orders":{"partitions":{"acme":7}}}
}

// Many orders have the same updated_at, because a job changed them at once. A
// cursor of updated_at alone would make no progress among them if each sync is
// interrupted before the last one. The source returns the rows from a pair on:
//
//	SELECT … WHERE (updated_at, id) >= (?, ?) ORDER BY updated_at, id
func ExamplePair() {
	doc, _ := state.Parse([]byte(`{"orders":{"cursor":["2026-01-02T10:00:00Z",2]}}`))
	since := state.NewCursor[state.Pair[time.Time, int64]](doc, "orders", state.Sorted())
	start := since.Start()
	fmt.Println("from", start.First.Format(time.RFC3339), start.Second)
	for _, o := range orders[1:] {
		since.Advance(state.PairOf(o.UpdatedAt, o.ID))
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// from 2026-01-02T10:00:00Z 2
	// {"orders":{"cursor":["2026-01-02T10:00:00Z",3]}}
}

// Some rows have never been changed, so their updated_at is null. They are
// delivered, but do not move the cursor.
func ExampleCursor_AdvanceNullable() {
	doc := state.New()
	since := state.NewCursor[time.Time](doc, "orders", state.Sorted())
	for _, updatedAt := range []*time.Time{nil, &orders[0].UpdatedAt, nil} {
		since.AdvanceNullable(updatedAt)
	}
	_ = doc.Checkpoint("orders")
	fmt.Printf("%s\n", doc.Saved())
	// Output: {"orders":{"cursor":"2026-01-02T09:00:00Z"}}
}

// A runtime delivers the warnings of a state to the user.
func ExampleDocument_TakeWarnings() {
	doc := state.New()
	since := state.NewCursor[time.Time](doc, "orders")
	for range 2 {
		since.Advance(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	}
	for _, warning := range doc.TakeWarnings() {
		fmt.Println(warning)
	}
	// Output: table orders: a row has the cursor value "9999-12-31T00:00:00Z", which is more than one year in the future: the row was delivered, but the cursor does not move there: correct the value in the source (2 times; this is the first)
}

// Set stores a value that is not a cursor.
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

// A new version of a connector has renamed the table invoices to bills. The
// migration keeps the states of the previous version usable.
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
	// state: the state has version 2, but this connector only supports versions up to 1; run the newer connector that wrote the state, or reset the state to sync from the start
}

// A runtime declares the tables before a sync, and freezes and finishes the state
// after it. Here, the user has deselected the table invoices.
func ExampleDocument() {
	doc, err := state.Parse([]byte(`{"invoices":{"cursor":3},"orders":{"cursor":7}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	doc.Declare(state.Declaration{Name: "orders", Selected: true})
	doc.Declare(state.Declaration{Name: "invoices", Selected: false})
	doc.Begin()

	// This is the Sync of a connector, which does not look at the selection.
	state.NewCursor[int64](doc, "orders").Advance(8)
	state.NewCursor[int64](doc, "invoices").Advance(4)

	doc.Freeze()
	if err := doc.Finish(); err != nil {
		fmt.Println(err)
	}
	for _, warning := range doc.TakeWarnings() {
		fmt.Println(warning)
	}
	fmt.Printf("%s\n", doc.Saved())
	// Output:
	// {"invoices":{"cursor":3},"orders":{"cursor":8}}
}

// A platform may store the state of each table separately.
func ExampleJoin() {
	joined, err := state.Join([][]byte{
		[]byte(`{"orders":{"cursor":7}}`),
		[]byte(`{"carts":{"cursor":3}}`),
		nil, // a table without a state
	})
	fmt.Println(string(joined), err)
	// Output: {"carts":{"cursor":3},"orders":{"cursor":7}} <nil>
}
