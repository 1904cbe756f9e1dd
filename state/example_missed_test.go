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

// sync is the Sync of a connector. Without Missed, a table that the user selects
// later would lack the changes that the position has passed.
func (l *changeLog) sync(st state.State, out *printer) error {
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
		if err := l.readAll(table, out); err != nil {
			return err
		}
		st.Cover(table)
	}
	for _, c := range l.changes[position:] {
		if err := out.Upsert(c.table, c.row); err != nil {
			return err
		}
		position++
	}
	if err := st.Shared().Set("position", position); err != nil {
		return err
	}
	return out.Checkpoint()
}

// readAll delivers all rows of a table. It first truncates the table, because rows
// may have been deleted in the meantime.
func (l *changeLog) readAll(table string, out *printer) error {
	if err := out.Truncate(table); err != nil {
		return err
	}
	for _, row := range l.tables[table] {
		if err := out.Upsert(table, row); err != nil {
			return err
		}
	}
	return nil
}

// A printer has methods of the Emitter that a connector receives. It prints the
// operations on the selected tables.
type printer struct {
	doc      *state.Document
	selected map[string]bool
}

func (p *printer) Truncate(table string) error {
	if p.selected[table] {
		fmt.Println("truncate", table)
	}
	return nil
}

func (p *printer) Upsert(table, row string) error {
	if p.selected[table] {
		fmt.Println("upsert", table, row)
	}
	return nil
}

func (p *printer) Checkpoint() error { return p.doc.Checkpoint() }

// Several tables of a source share one log of changes, whose position is in the
// shared part. The user does not select invoices for one sync, in which i1 is
// deleted and i2 is added.
func ExampleState_missed() {
	log := &changeLog{tables: map[string][]string{"orders": {"o1"}, "invoices": {"i1"}}}
	var saved json.RawMessage
	for _, selected := range []map[string]bool{{"orders": true, "invoices": true}, {"orders": true}, {"orders": true, "invoices": true}} {
		doc, _ := state.Parse(saved) // the runtime does this, and the calls below
		for _, table := range []string{"orders", "invoices"} {
			doc.Declare(state.Declaration{Name: table, Selected: selected[table]})
		}
		doc.Begin()
		fmt.Println("sync")
		_ = log.sync(doc, &printer{doc, selected})
		saved = doc.Saved()

		log.tables["invoices"] = []string{"i2"}
		log.changes = append(log.changes, change{"orders", "o2"})
	}
	// Output:
	// sync
	// truncate orders
	// upsert orders o1
	// truncate invoices
	// upsert invoices i1
	// sync
	// upsert orders o2
	// sync
	// truncate invoices
	// upsert invoices i2
	// upsert orders o2
}
