package state_test

import (
	"fmt"

	"github.com/penstock-sdk/penstock/state"
)

// The user selects the column note for the second sync. The connector reads all
// orders again, because the rows that were delivered earlier lack the column.
func ExamplePart_NewColumns() {
	sync := func(st state.State) {
		orders := st.Table("orders")
		if columns := orders.NewColumns(); len(columns) > 0 {
			fmt.Println("new:", columns)
			orders.Delete("cursor")
		}
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		fmt.Println("from", cursor.Start())
		cursor.Advance(4711) // after the last row has been delivered
	}
	var saved []byte
	for _, columns := range [][]string{{"id"}, {"id", "note"}, {"id", "note"}} {
		doc, _ := state.Parse(saved) // the runtime does this, and the calls below
		doc.Declare(state.Declaration{Name: "orders", Selected: true, Columns: columns})
		doc.Begin()
		sync(doc)
		_ = doc.Finish()
		saved = doc.Saved()
	}
	// Output:
	// from 0
	// new: [note]
	// from 0
	// from 4711
}
