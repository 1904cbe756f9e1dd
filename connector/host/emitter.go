package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An emitter implements connector.Emitter for a session.
type emitter struct {
	session *session
	tables  []string // whose state a checkpoint saves; nil saves the whole state
	unit    *unit    // the call of SyncTables that it belongs to; nil for the whole sync
	// parts is the state of tables, or nil if tables is nil or empty.
	parts *state.TableSet
	// unknown are the elements of tables that were no table when the emitter was made.
	unknown *unknownNames
}

// emitterOf returns an emitter whose checkpoints save the state of the named tables.
func (s *session) emitterOf(u *unit, tables, unknown []string) emitter {
	return emitter{session: s, tables: tables, unit: u, parts: s.doc.TableSet(tables...), unknown: &unknownNames{names: unknown}}
}

// open returns ErrClosed if the function of the emitter's unit has returned. A
// goroutine that still uses the emitter may advance a cursor past the operation
// that is refused here, so open also holds the state as the function left it.
func (e emitter) open() error {
	if e.unit != nil && e.unit.returned.Load() {
		e.session.doc.Hold(e.unit.parts...)
		e.session.doc.Hold(e.tables...)
		return connector.ErrClosed
	}
	return nil
}

// usable returns an error if the emitter cannot accept an operation, because the
// function of its unit has returned or because the sync is ending.
func (e emitter) usable() error {
	if err := e.open(); err != nil {
		return err
	}
	return e.session.ready(e)
}

func (e emitter) row(kind OperationKind, table string, row any, form schema.Form) error {
	if err := e.open(); err != nil {
		return err
	}
	return e.session.row(e, kind, table, row, form)
}

func (e emitter) Upsert(table string, row any) error {
	return e.checkLate("Upsert", table, e.row(OpUpsert, table, row, schema.Full))
}

func (e emitter) Update(table string, row any) error {
	return e.checkLate("Update", table, e.row(OpUpdate, table, row, schema.Partial))
}

func (e emitter) Delete(table string, row any) error {
	return e.checkLate("Delete", table, e.row(OpDelete, table, row, schema.Keys))
}

func (e emitter) Truncate(table string) error {
	err := e.usable()
	if err == nil {
		err = e.session.truncate(e, table)
	}
	return e.checkLate("Truncate", table, err)
}

func (e emitter) Checkpoint() error { return e.checkLate("Checkpoint", "", e.checkpoint()) }

func (e emitter) checkpoint() error {
	if err := e.open(); err != nil {
		return err
	}
	if err := e.refusedRow(); err != nil {
		return err
	}
	if e.tables != nil && len(e.tables) == 0 {
		return e.usable()
	}
	if err := e.unknown.check(e.session); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	save := e.save
	if b := e.batch(); b != nil { // the tables are those of a unit, not nil
		if done, err := b.checkpoint(e.session, save); done {
			return err
		}
	}
	return e.session.checkpoint(save, e.tables)
}

// save saves the state of the emitter's tables.
func (e emitter) save() error {
	if e.parts == nil {
		return e.session.doc.Checkpoint()
	}
	return e.parts.Checkpoint()
}

// stateError returns the error in the state of the emitter's tables, if there is one.
func (e emitter) stateError() error {
	if e.parts == nil {
		return e.session.doc.Err()
	}
	return e.parts.Err()
}

func (e emitter) Warn(message string) error {
	err := e.usable()
	if err == nil {
		err = e.session.warn(e, message)
	}
	return e.checkLate("Warn", "", err)
}

func (e emitter) Selected(table string) bool {
	t, err := e.session.names.Lookup(table)
	if err != nil {
		return true
	}
	t.named.Store(true)
	return e.session.isRead(t)
}

func (e emitter) SelectedColumns(table string) ([]string, error) {
	t, err := e.session.names.Lookup(table)
	if err == nil {
		t.named.Store(true)
	}
	if err != nil || !t.selected {
		return nil, err
	}
	return e.session.request.Selection.columns(t.Table), nil
}

func (e emitter) TakesUpdates() bool { return !e.session.request.WholeRows }

func (e emitter) Declare(table schema.Table) error {
	return e.checkLate("Declare", table.Name, e.declare(table))
}

func (e emitter) declare(table schema.Table) error {
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
	return e.session.change(e, &table)
}

func (e emitter) Scope(tables ...string) connector.Emitter {
	parts, unknown := e.session.partNames(tables)
	for _, name := range unknown { // the table may be declared later
		e.session.relations.noteUnknown(name)
	}
	e.session.units.scope(parts)
	if len(tables) == 0 {
		return emitter{session: e.session, tables: []string{}, unit: e.unit} // not nil, which would mean all tables
	}
	return e.session.emitterOf(e.unit, parts, unknown)
}

var errGoexit = errors.New("the sync function called runtime.Goexit")

// SyncTables implements [connector.Emitter].
func (e emitter) SyncTables(sync func(out connector.Emitter) error, tables ...string) error {
	if len(tables) == 0 {
		return errors.New("sync tables: name at least one table")
	}
	return e.checkLate("SyncTables", tables[0], e.syncTables(sync, tables))
}

func (e emitter) syncTables(sync func(out connector.Emitter) error, tables []string) (err error) {
	s, name := e.session, tables[0]
	if tables, err = s.withFollowers(tables); err != nil {
		return err
	}
	parts, unknown := s.partNames(tables)
	call := &unit{name: name, parts: parts}
	own := s.emitterOf(call, parts, unknown)
	if err := e.open(); err != nil {
		return err
	}
	if err := own.usable(); err != nil { // own limits the check to the state of these tables
		return err
	}
	if err := s.units.enter(call); err != nil {
		return err
	}
	defer s.units.leave(call)
	if err := s.beginAll(own, call.parts); err != nil {
		return err
	}
	err = errGoexit
	defer func() {
		var failure *unitError
		if err != nil {
			refused := own.refusedRow()
			failure = &unitError{error: err, refused: refused != nil && is(err, refused)}
			err = failure
			s.failed(call, failure)
		}
		s.endAll(own, failure)
	}()
	if err = guard(s.run.log, "the sync of table "+name, func() error {
		defer call.returned.Store(true)
		return sync(own)
	}); err != nil {
		return own.orRefusal(err)
	}
	if s.ctx.Err() != nil {
		return own.orRefusal(context.Cause(s.ctx))
	}
	if err = s.ready(own); err != nil {
		return err
	}
	if err = own.refusedRow(); err != nil {
		return err
	}
	if err = own.unknown.check(s); err != nil {
		return err
	}
	// The last call that reads a shared part finishes it.
	if finished := s.units.alone(call.parts); len(finished) > 0 {
		err = s.checkpoint(func() error { return s.doc.Finish(finished...) }, finished)
	}
	return err
}

// orRefusal returns the error of a row that the destination has refused instead of one that is
// probably a consequence of the end of the sync. Every sync may end in this way, so that the
// user would never learn of the row.
func (e emitter) orRefusal(err error) error {
	if refused := e.refusedRow(); refused != nil && e.session.ctx.Err() != nil && !isDefect(err) {
		return refused
	}
	return err
}
