package host

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
)

// units records the calls of SyncTables of a session.
type units struct {
	mu    sync.Mutex
	busy  map[string]string // the name of the first table of each call, by its ID
	parts map[string]int    // the number of calls that share each part of the state
	count atomic.Int64      // of the calls

	// synced are the parts of all calls of the sync, including those that have returned.
	// It is empty if there was none. scoped are the parts of the scopes.
	synced, scoped map[string]bool
}

// scope records the parts of a scope.
func (u *units) scope(parts []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.scoped == nil {
		u.scoped = map[string]bool{}
	}
	for _, p := range parts {
		u.scoped[p] = true
	}
}

// entered returns the parts of all calls and scopes of the sync, or nil if there was no call.
func (u *units) entered() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.synced) == 0 {
		return nil
	}
	return slices.AppendSeq(slices.Collect(maps.Keys(u.synced)), maps.Keys(u.scoped))
}

// enter records the start of a call. Only one call may have the same first table at a
// time, because the call that ends first would save what the other has yet to read.
func (u *units) enter(call *unit) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if other, busy := u.busy[call.parts[0]]; busy {
		return fmt.Errorf("table %s is already being synced; wait for that call to return", other)
	}
	if u.busy == nil {
		u.busy, u.parts, u.synced = map[string]string{}, map[string]int{}, map[string]bool{}
	}
	u.busy[call.parts[0]] = call.name
	u.count.Add(1)
	for _, p := range call.parts {
		u.parts[p]++
		u.synced[p] = true
	}
	return nil
}

// leave records the end of a call.
func (u *units) leave(call *unit) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.busy, call.parts[0])
	u.count.Add(-1)
	for _, p := range call.parts {
		if u.parts[p]--; u.parts[p] == 0 {
			delete(u.parts, p)
		}
	}
}

// alone returns the parts that no other call shares.
func (u *units) alone(parts []string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return u.parts[p] > 1 })
}

// running returns the first tables, sorted, and the parts of the running calls.
func (u *units) running() (names, parts []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, name := range u.busy {
		names = append(names, name)
	}
	for p := range u.parts {
		parts = append(parts, p)
	}
	slices.Sort(names)
	return names, parts
}

// A unit is one call of SyncTables.
type unit struct {
	name     string                     // of the first table, as the connector spells it
	parts    []string                   // of the state
	returned atomic.Bool                // whether its function has returned
	batch    atomic.Pointer[batch]      // of rows, or nil
	refused  atomic.Pointer[refusedRow] // the first one, or nil
}

// A unitError is the error of a call of SyncTables. It is a separate type so that
// a failure that an OpTableEnd has reported differs from another error that wraps
// the same cause.
type unitError struct {
	error
	reported bool // by an OpTableEnd
	warned   bool // by warnOfFailure
	final    bool // a later success of the table does not make up for it
	refused  bool // it is that of a row that the destination has refused
}

func (e *unitError) Unwrap() error { return e.error }

// plain returns the error inside a unitError, and any other error unchanged.
func plain(err error) error {
	if e, ok := err.(*unitError); ok {
		return e.error
	}
	return err
}

// failed holds the state of a call that failed. Nothing saves more of it in this
// sync, even if the connector ignores the error or makes a second call for the
// same tables.
func (s *session) failed(call *unit, failure *unitError) {
	s.doc.Hold(call.parts...)
	if failure.refused || s.ctx.Err() == nil && connector.KindOf(failure) != connector.Interrupted {
		s.run.log.Error("table failed", "table", call.name, "error", failure.error)
	}
}

// unknownNames are names that identified no table when an emitter was made. They must do so
// at its checkpoints.
type unknownNames struct {
	mu    sync.Mutex
	names []string // that have not identified a table yet
}

// check returns an error if a name has not identified a table yet. It does not look at the
// others again: the emitter means the tables that they identified.
func (u *unknownNames) check(s *session) error {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(u.names) > 0 {
		if _, err := s.lookup(u.names[0]); err != nil {
			return err
		}
		u.names = u.names[1:]
	}
	return nil
}

// partNames returns the ID of each table. A name that no table has is also returned in
// unknown. It is not replaced, because the table may be declared later.
func (s *session) partNames(tables []string) (parts, unknown []string) {
	has := make(map[string]bool, len(tables))
	for _, name := range tables {
		if t, err := s.lookup(name); err == nil {
			name = t.id
			t.named.Store(true)
		} else {
			unknown = append(unknown, name)
		}
		if !has[name] {
			has[name] = true
			parts = append(parts, name)
		}
	}
	return parts, unknown
}

// checkNames returns an error if a name identifies no table.
func (s *session) checkNames(names []string) error {
	for _, name := range names {
		if _, err := s.lookup(name); err != nil {
			return err
		}
	}
	return nil
}
