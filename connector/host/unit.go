package host

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
)

// units are the calls of SyncTables that are under way in a session.
type units struct {
	mu    sync.Mutex
	busy  map[string]bool // the tables that such a call is named after
	parts map[string]int  // of the state, how many calls have each
}

// enter takes note that a call for the tables begins. A table can have one at a
// time: the one that ends first would save what the other has not read yet.
func (u *units) enter(name string, parts []string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[name] {
		return fmt.Errorf("table %s: it is being synced already: sync it once at a time", name)
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

// leave takes note that a call has ended.
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

// alone returns the parts that no other call has.
func (u *units) alone(parts []string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return u.parts[p] > 1 })
}

// left returns the tables and the parts of the calls that are under way.
func (u *units) left() (names, parts []string) {
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
	parts    []string    // of the state, which are its own
	returned atomic.Bool // the function that it calls
}

// A unitError is what a call of SyncTables returns. It is one of its own, so that
// a failure that the end of a table has told is known from another that wraps the
// same error.
type unitError struct {
	error
	told bool
}

func (e *unitError) Unwrap() error { return e.error }

// plain returns the error that the function of a call returned.
func plain(err error) error {
	if e, ok := err.(*unitError); ok {
		return e.error
	}
	return err
}

// failed holds the state of a call that failed: whatever becomes of the error,
// nothing saves more in this sync, a second call for the same tables neither. A
// table that was declared on the way has another name by now.
func (s *session) failed(tables, parts []string, failure *unitError) {
	s.doc.Hold(parts...)
	s.doc.Hold(s.partNames(tables)...)
	if s.ctx.Err() == nil && connector.KindOf(failure) != connector.Interrupted {
		s.run.log.Error("table failed", "table", tables[0], "error", failure.error)
	}
}

// partNames returns the names under which the connector may keep the state of
// tables: the names that it gives them here, and the other one of each.
func (s *session) partNames(tables []string) []string {
	var parts []string
	add := func(name string) {
		if !slices.Contains(parts, name) {
			parts = append(parts, name)
		}
	}
	for _, name := range tables {
		add(name)
		t, err := s.names.Lookup(name)
		if err != nil {
			continue // it may be declared later
		}
		for _, other := range []string{t.Name, t.String()} {
			if meant, err := s.names.Lookup(other); err == nil && meant.progress == t.progress {
				add(other)
			}
		}
	}
	return parts
}
