package host

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// An emitter is the connector.Emitter of a session, for all tables or for some.
type emitter struct {
	session *session
	tables  []string // whose state a checkpoint saves; nil for all of it
	closed  *atomic.Bool
}

// usable reports why no operation can be taken, if so: the function that the
// emitter was made for has returned, or the sync ends.
func (e emitter) usable() error {
	if e.closed != nil && e.closed.Load() {
		return connector.ErrClosed
	}
	return e.session.ready(e.tables)
}

func (e emitter) row(kind OperationKind, table string, row any, form schema.Form) error {
	if e.closed != nil && e.closed.Load() {
		return connector.ErrClosed
	}
	return e.session.row(kind, e.tables, table, row, form)
}

func (e emitter) Upsert(table string, row any) error { return e.row(OpUpsert, table, row, schema.Full) }

func (e emitter) Update(table string, row any) error {
	return e.row(OpUpdate, table, row, schema.Partial)
}

func (e emitter) Delete(table string, row any) error { return e.row(OpDelete, table, row, schema.Keys) }

func (e emitter) Truncate(table string) error {
	if err := e.usable(); err != nil {
		return err
	}
	return e.session.truncate(e.tables, table)
}

func (e emitter) Checkpoint() error {
	if e.closed != nil && e.closed.Load() {
		return connector.ErrClosed
	}
	return e.session.checkpoint(e.session.doc.Checkpoint, e.tables)
}

func (e emitter) Warn(message string) error {
	if err := e.usable(); err != nil {
		return err
	}
	return e.session.warn(message)
}

func (e emitter) Selected(table string) bool {
	t, err := e.session.names.Lookup(table)
	return err != nil || t.selected
}

func (e emitter) TakesUpdates() bool { return !e.session.request.WholeRows }

func (e emitter) Declare(table schema.Table) error {
	if err := e.usable(); err != nil {
		return err
	}
	if table.Schema == "" {
		var err error
		if table.Schema, err = e.session.names.Schema(); err != nil {
			return err
		}
	}
	if err := table.Validate(); err != nil {
		return err
	}
	table.Columns = slices.Clone(table.Columns)
	return e.session.change(&table)
}

func (e emitter) Scope(tables ...string) connector.Emitter {
	return emitter{session: e.session, tables: slices.Clone(tables), closed: e.closed}
}

func (e emitter) SyncTables(sync func(out connector.Emitter) error, tables ...string) (err error) {
	if len(tables) == 0 {
		return errors.New("sync tables: no table is named")
	}
	own := emitter{session: e.session, tables: slices.Clone(tables), closed: new(atomic.Bool)}
	s := e.session
	if e.closed != nil && e.closed.Load() {
		return connector.ErrClosed
	}
	if err := own.usable(); err != nil { // only these tables' state counts
		return err
	}
	if err := s.beginAll(own.tables); err != nil {
		return err
	}
	err = errGoexit
	defer func() {
		own.closed.Store(true)
		if err != nil {
			// Whatever becomes of the error: nothing later saves more.
			s.doc.Hold(own.tables...)
			if s.ctx.Err() == nil && connector.KindOf(err) != connector.Interrupted {
				s.run.log.Error("table failed", "table", own.tables[0], "error", err)
			}
		}
		s.endAll(own.tables, err)
	}()
	if err = guard(s.run.log, "the sync of table "+own.tables[0], func() error { return sync(own) }); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if err = s.ready(own.tables); err != nil {
		return err
	}
	return s.checkpoint(s.doc.Finish, own.tables)
}

var errGoexit = errors.New("the sync function called runtime.Goexit")
