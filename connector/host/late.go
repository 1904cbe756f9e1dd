package host

import (
	"cmp"
	"context"
	"errors"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/goroutines"
	"github.com/penstock-sdk/penstock/schema"
)

// A lateOperation is an operation of an emitter that ended after the function that
// had received the emitter returned.
type lateOperation struct {
	function string // that returned, for the message
	method   string // of the emitter
	table    string // or ""
}

// refuseAll makes the session refuse every further operation of the connector. The
// state is frozen first: a goroutine that the connector left behind cannot move a
// cursor past an operation that is refused here.
func (s *session) refuseAll() {
	s.doc.Freeze()
	s.closed.Store(true)
}

// checkLate records an operation that arrived too late, or that had not ended when
// the function that received the emitter returned. It returns err. Every operation
// calls it last, so that an operation that was accepted is found as well as one that
// was refused.
func (e emitter) checkLate(method, table string, err error) error {
	s := e.session
	switch {
	case s.late.Load() != nil:
	case s.closed.Load():
		s.late.CompareAndSwap(nil, &lateOperation{"Sync", method, table})
	case e.open() != nil && s.ctx.Err() == nil && s.enough.Load() == nil:
		s.late.CompareAndSwap(nil, &lateOperation{"the sync function of table " + e.unit.name, method, table})
	}
	return err
}

// methods holds the method of the emitter that writes an operation.
var methods = map[OperationKind]string{
	OpUpsert: "Upsert", OpUpdate: "Update", OpDelete: "Delete", OpTruncate: "Truncate",
	OpCheckpoint: "Checkpoint", OpWarning: "Warn", OpSchemaChange: "Declare",
}

// noteLate records that Sync returned while an operation was being written.
func (s *session) noteLate(kind OperationKind, table *schema.Table) {
	late := &lateOperation{function: "Sync", method: cmp.Or(methods[kind], "a method of the Emitter")}
	if table != nil {
		late.table = table.Name
	}
	s.late.CompareAndSwap(nil, late)
}

// lateError returns an error if an operation was late, unless the sync had been told
// to end before: the goroutine was ending, too.
func (s *session) lateError() error {
	late := s.late.Load()
	if late == nil || s.told {
		return nil
	}
	err := connector.Errorf(connector.Defect,
		"%s returned while a goroutine was still delivering (a call of %s ended after that); it must wait for its goroutines before it returns, for example with connector.Go",
		late.function, late.method).(*connector.Error)
	err.Table = late.table
	return err
}

// withDefect adds a defect to the error of a sync, or to nil. The user can fix an
// error of kind Configuration, so its kind takes precedence.
func withDefect(err, defect error) error {
	switch {
	case defect == nil || is(err, defect):
		return err
	case err == nil:
		return defect
	case connector.KindOf(err) == connector.Configuration:
		return errors.Join(err, defect)
	}
	return errors.Join(defect, err)
}

// unwaited returns an error if a method has not waited for a goroutine of
// connector.Go: that the goroutine is running, or the error that it returned. It
// returns nil if the method was told to end: the goroutine is ending, too.
func unwaited(ctx context.Context, started *goroutines.Set, method string) error {
	told := ctx.Err() != nil
	running, err := started.Unwaited()
	switch {
	case told:
		err = nil
	case running:
		err = connector.Errorf(connector.Defect, goroutines.NotWaited, method)
	}
	return err
}
