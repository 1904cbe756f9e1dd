package state_test

import (
	"encoding/json"
	"fmt"

	"github.com/penstock-sdk/penstock/state"
)

// A changeLog is a source whose tables share one log of changes.
type changeLog struct {
	tables  map[string][]string // the rows of each table
	changes []change
}

type change struct{ table, row string }

// sync is the Sync of a connector, in which upsert and checkpoint are methods of
// the emitter. Without Missed, a table that the user selects later would lack
// the changes that the position has passed.
func (l *changeLog) sync(st state.State, upsert func(table, row string) error, checkpoint func() error) error {
	position := len(l.changes)
	found, err := st.Shared().Get("position", &position)
	if err != nil {
		return err
	}
	if !found { // a first sync reads the tables, and the log from here
		if err := st.Shared().Set("position", position); err != nil {
			return err
		}
	}
	for _, table := range st.Missed() {
		for _, row := range l.tables[table] {
			if err := upsert(table, row); err != nil {
				return err
			}
		}
		st.Cover(table)
	}
	for _, c := range l.changes[position:] {
		if err := upsert(c.table, c.row); err != nil {
			return err
		}
		position++
	}
	if err := st.Shared().Set("position", position); err != nil {
		return err
	}
	return checkpoint()
}

// Several tables of a source share one log of changes, whose position is in the
// shared part. The user does not select invoices for one sync.
func ExampleState_missed() {
	log := &changeLog{tables: map[string][]string{"orders": {"o1"}, "invoices": {"i1"}}}
	var saved json.RawMessage
	for _, invoices := range []bool{true, false, true} {
		doc, _ := state.Parse(saved) // the runtime does this, and the calls below
		doc.Declare(state.Declaration{Name: "orders", Selected: true})
		doc.Declare(state.Declaration{Name: "invoices", Selected: invoices})
		doc.Begin()
		_ = log.sync(doc, func(table, row string) error {
			if table == "orders" || invoices {
				fmt.Print(table, " ", row, "; ")
			}
			return nil
		}, func() error { return doc.Checkpoint() })
		saved = doc.Saved()
		fmt.Printf("%s\n", saved)

		log.tables["invoices"] = []string{"i1", "i2"}
		log.changes = append(log.changes, change{"invoices", "i2"})
	}
	// Output:
	// orders o1; invoices i1; {"_shared":{"_number":1,"position":0},"invoices":{"_shared":1},"orders":{"_shared":1}}
	// {"_shared":{"_number":2,"position":1},"invoices":{"_shared":1},"orders":{"_shared":2}}
	// invoices i1; invoices i2; invoices i2; {"_shared":{"_number":3,"position":2},"invoices":{"_shared":3},"orders":{"_shared":3}}
}
