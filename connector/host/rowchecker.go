package host

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/schema"
)

// A RowChecker is a [Destination] whose platform cannot hold every row that fits its table:
// for example, because the platform has no times before the year 1, or limits the size of a
// row.
type RowChecker interface {
	Destination

	// CheckRow returns an error if the platform cannot hold a row. The kind is [OpUpsert],
	// [OpUpdate] or [OpDelete], and the row is what an [Operation] of this kind would
	// contain.
	//
	// The run calls CheckRow before it accepts the row. If CheckRow returns an error, the
	// method of the emitter returns it, and Write does not receive the row. The rows that
	// were accepted before are delivered, and the other tables are still synced. The call of
	// SyncTables that has delivered the row fails, even if the connector ignores the error,
	// and so does the sync if the row was delivered outside such a call. If the row belongs to
	// another table than those of the call, this table fails, too, with each later or running
	// call that syncs it. From then on, no checkpoint saves the state of the table of the row
	// and of the tables of that call.
	//
	// If a value does not suit the platform, the error should be a [*schema.RowError], as for
	// a row that does not fit its table. It must not be [ErrEnough], and must not contain
	// values of the row.
	//
	// Several goroutines may call CheckRow at the same time, also while Write is running.
	// CheckRow is called for every row, so it should be fast. It must not modify or retain
	// the row.
	CheckRow(kind OperationKind, t *schema.Table, row []byte) error
}

// A refusedRow is a row that a RowChecker has refused.
type refusedRow struct {
	part string // the part of the state that belongs to its table
	err  error
}

// checkRow returns an error if the destination refuses a row. No position that the connector
// reaches after the row is saved then: the next sync must deliver the row again.
func (s *session) checkRow(from emitter, kind OperationKind, t *table, row []byte) error {
	if s.checker == nil {
		return nil
	}
	err := s.callCheckRow(kind, t, row)
	if err == nil {
		return nil
	}
	s.hold(from, t, &refusedRow{t.id, err})
	return err
}

// hold keeps the positions that an emitter reaches after a refused row from being saved, and
// fails the call that has delivered it. The argument t is the table of the row, or nil if it is
// not declared.
func (s *session) hold(from emitter, t *table, refused *refusedRow) {
	s.doc.Hold(refused.part) // any call may deliver rows of any table
	s.doc.Hold(from.tables...)
	if from.unit == nil {
		s.refusedRow.CompareAndSwap(nil, refused)
		return
	}
	s.doc.Hold(from.unit.parts...)
	from.unit.refused.CompareAndSwap(nil, refused)
	if t != nil && t.id == refused.part && !s.syncs(from.unit, t) {
		s.refusedOutside.add(from.unit, refused)
	}
}

// syncs reports whether a table is one of those of a unit.
func (s *session) syncs(u *unit, t *table) bool {
	return slices.ContainsFunc(u.parts, func(part string) bool {
		own, err := s.lookup(part) // the table may have been declared since the unit began
		return err == nil && own.progress == t.progress
	})
}

// outsideRefusals holds the refused rows that a unit has delivered although their table is
// none of its tables. It has a mutex of its own, because that of the session is held while
// the destination blocks.
type outsideRefusals struct {
	any    atomic.Bool // so that a checkpoint need not look for its tables
	mu     sync.Mutex
	byPart map[string]*refusedRow // the first row of each table
	byUnit map[*unit][]*refusedRow
}

// add records a row, unless it is not the first one of its table.
func (o *outsideRefusals) add(u *unit, r *refusedRow) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byPart[r.part] != nil {
		return
	}
	if o.byPart == nil {
		o.byPart, o.byUnit = map[string]*refusedRow{}, map[*unit][]*refusedRow{}
	}
	o.byPart[r.part] = r
	o.byUnit[u] = append(o.byUnit[u], r)
	o.any.Store(true)
}

// of returns the error of a row that belongs to one of the parts, or nil.
func (o *outsideRefusals) of(parts []string) error {
	if !o.any.Load() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range parts {
		if r := o.byPart[p]; r != nil {
			return r.err
		}
	}
	return nil
}

// take returns the rows that a unit has delivered, and removes them from its list.
func (o *outsideRefusals) take(u *unit) []*refusedRow {
	if !o.any.Load() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	rows := o.byUnit[u]
	delete(o.byUnit, u)
	return rows
}

// callCheckRow calls CheckRow of the destination.
func (s *session) callCheckRow(kind OperationKind, t *table, row []byte) error {
	return s.guardCheck(func() error {
		t.checking.Add(1)
		defer t.checking.Add(-1)
		return s.checker.CheckRow(kind, t.Table, row)
	}, func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.breakDestination(err)
	})
}

// guardCheck calls a method of the destination that checks a row or a table. If the method
// panics or calls runtime.Goexit, guardCheck passes the error to broken.
func (s *session) guardCheck(method func() error, broken func(error)) (err error) {
	exited := true
	defer func() {
		switch v := recover(); {
		case v != nil:
			err = caught(s.run.log, "the destination", v)
		case exited:
			err = errDestinationExited
		default:
			return
		}
		broken(err)
	}()
	err = method()
	exited = false
	return err
}

// breakDestination ends the sync because a method of the destination has panicked or called
// runtime.Goexit, as if Write had. The caller holds s.mu.
func (s *session) breakDestination(err error) {
	if s.failure == nil {
		s.failure = err
		s.cancel(err)
	}
}

// isChecking reports whether CheckRow is running.
func (s *session) isChecking() bool {
	if s.checker == nil {
		return false
	}
	for _, t := range s.names.All() {
		if t.checking.Load() > 0 {
			return true
		}
	}
	return false
}

// checkPoll is the interval at which awaitChecks looks for the end of CheckRow.
const checkPoll = 10 * time.Millisecond

// awaitChecks waits until CheckRow is not running, and reports true. If giveUp is closed
// before that, it reports false.
func (s *session) awaitChecks(giveUp <-chan struct{}) bool {
	tick := time.NewTicker(checkPoll)
	defer tick.Stop()
	for s.isChecking() {
		select {
		case <-tick.C:
		case <-giveUp:
			return false
		}
	}
	return true
}

// refusedRow returns the error of a row that the destination has refused, if a checkpoint of
// the emitter would cover that row, or nil.
func (e emitter) refusedRow() error {
	if e.unit != nil {
		if r := e.unit.refused.Load(); r != nil {
			return r.err
		}
		return e.session.refusedOutside.of(e.unit.parts)
	}
	r := e.session.refusedRow.Load()
	if r == nil || e.tables != nil && !slices.Contains(e.tables, r.part) {
		return nil
	}
	return r.err
}
