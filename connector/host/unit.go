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
	busy  map[string]bool // the first table of each call
	parts map[string]int  // the number of calls that share each part of the state
}

// enter records the start of a call whose first table is name. Only one call may
// have that first table at a time, because the call that ends first would save
// what the other has yet to read.
func (u *units) enter(name string, parts []string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[name] {
		return fmt.Errorf("table %s is already being synced; wait for that call to return", name)
	}
	if u.busy == nil {
		u.busy, u.parts = map[string]bool{}, map[string]int{}
	}
	u.busy[name] = true
	for _, p := range parts {
		u.parts[p]++
	}
	return nil
}

// leave records the end of a call.
func (u *units) leave(name string, parts []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.busy, name)
	for _, p := range parts {
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
	for name := range u.busy {
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
// same tables. The names are looked up again, because a table that was declared
// during the call has a further name.
func (s *session) failed(tables, parts []string, failure *unitError) {
	s.doc.Hold(parts...)
	s.doc.Hold(tables...)
	if s.ctx.Err() == nil && connector.KindOf(failure) != connector.Interrupted {
		s.run.log.Error("table failed", "table", tables[0], "error", failure.error)
	}
}

// partNames returns one name for the state of each table. A name that no table
// has is returned unchanged, because the table may be declared later.
func (s *session) partNames(tables []string) []string {
	var parts []string
	for _, name := range tables {
		if t, err := s.names.Lookup(name); err == nil {
			if names := s.namesOf(t); len(names) > 0 {
				name = names[0]
			}
		}
		if !slices.Contains(parts, name) {
			parts = append(parts, name)
		}
	}
	return parts
}

// checkNames returns an error if a name identifies no table.
func (s *session) checkNames(names []string) error {
	for _, name := range names {
		if _, err := s.names.Lookup(name); err != nil {
			return err
		}
	}
	return nil
}
