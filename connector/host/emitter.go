package connector

import (
	"errors"
	"slices"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A scope is the Emitter of a session, for all tables or for some.
type scope struct {
	session *session
	tables  []string // whose state a checkpoint saves; nil for all of it
	closed  *atomic.Bool
}

// usable reports whether the function that the emitter was made for has
// returned.
func (e scope) usable() error {
	if e.closed != nil && e.closed.Load() {
		return ErrClosed
	}
	return nil
}

func (e scope) row(kind OperationKind, table string, row any, form schema.Form) error {
	if err := e.usable(); err != nil {
		return err
	}
	return e.session.row(kind, e.tables, table, row, form)
}

func (e scope) Upsert(table string, row any) error { return e.row(OpUpsert, table, row, schema.Full) }

func (e scope) Update(table string, row any) error {
	return e.row(OpUpdate, table, row, schema.Partial)
}

func (e scope) Delete(table string, row any) error { return e.row(OpDelete, table, row, schema.Keys) }

func (e scope) Truncate(table string) error {
	if err := e.usable(); err != nil {
		return err
	}
	return e.session.truncate(e.tables, table)
}

func (e scope) Checkpoint(st state.State) error {
	if err := e.usable(); err != nil {
		return err
	}
	if doc, ok := st.(*state.Document); !ok || doc != e.session.doc {
		return errors.New("checkpoint: the state is not the one that Sync was given")
	}
	if err := e.session.ready(e.tables); err != nil {
		return err
	}
	return e.session.checkpoint(e.session.doc.Checkpoint, e.tables)
}

func (e scope) finish() error {
	if err := e.session.ready(e.tables); err != nil {
		return err
	}
	return e.session.checkpoint(e.session.doc.Finish, e.tables)
}

func (e scope) Warn(message string) error {
	if err := e.usable(); err != nil {
		return err
	}
	if err := e.session.ready(e.tables); err != nil {
		return err
	}
	return e.session.warn(message)
}

func (e scope) Selected(table string) bool {
	t, err := e.session.target(table)
	return err != nil || t.selected
}

func (e scope) Declare(table schema.Table) error {
	if err := e.usable(); err != nil {
		return err
	}
	if err := e.session.ready(e.tables); err != nil {
		return err
	}
	if table.Schema == "" {
		table.Schema = e.session.onlySchema()
	}
	if err := table.Validate(); err != nil {
		return err
	}
	table.Columns = slices.Clone(table.Columns)
	e.session.declare(&table)
	e.session.mu.Lock()
	defer e.session.mu.Unlock()
	return e.session.write(Operation{Kind: OpSchemaChange, Table: &table})
}

func (e scope) Scope(tables ...string) Emitter {
	return scope{session: e.session, tables: slices.Clone(tables), closed: e.closed}
}
