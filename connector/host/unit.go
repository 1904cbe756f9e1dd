package host

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
)

// units records the running calls of SyncTables of a session.
type units struct {
	mu    sync.Mutex
	busy  map[string]string // the name of the first table of each call, by its ID
	parts map[string]int    // the number of calls that share each part of the state
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
		u.busy, u.parts = map[string]string{}, map[string]int{}
	}
	u.busy[call.parts[0]] = call.name
	for _, p := range call.parts {
		u.parts[p]++
	}
	return nil
}

// leave records the end of a call.
func (u *units) leave(call *unit) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.busy, call.parts[0])
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
	name     string      // of the first table, as the connector spells it
	parts    []string    // of the state
	returned atomic.Bool // whether its function has returned
}

// A unitError is the error of a call of SyncTables. It is a separate type so that
// a failure that an OpTableEnd has reported differs from another error that wraps
// the same cause.
type unitError struct {
	error
	reported bool // by an OpTableEnd
	warned   bool // by warnOfFailure
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
	if s.ctx.Err() == nil && connector.KindOf(failure) != connector.Interrupted {
		s.run.log.Error("table failed", "table", call.name, "error", failure.error)
	}
}

// partNames returns the ID of each table. A name that no table has is also returned in
// unknown. It is not replaced, because the table may be declared later.
func (s *session) partNames(tables []string) (parts, unknown []string) {
	has := make(map[string]bool, len(tables))
	for _, name := range tables {
		if t, err := s.lookup(name); err == nil {
			name = t.id
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
