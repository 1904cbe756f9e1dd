package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
)

// units are the calls of SyncTables that are under way in a session.
type units struct {
	mu    sync.Mutex
	busy  map[string]bool   // the tables that such a call is named after
	parts map[string]int    // of the state, how many calls have each
	held  map[string]string // parts of calls that failed, by the call's table
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

// hold takes note of the parts of a call that failed.
func (u *units) hold(name string, parts []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held == nil {
		u.held = map[string]string{}
	}
	for _, p := range parts {
		if _, held := u.held[p]; !held {
			u.held[p] = name
		}
	}
}

// release returns the parts that were held because an earlier call for the same
// table failed. It is read again.
func (u *units) release(name string, parts []string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var released []string
	for _, p := range parts {
		if u.held[p] == name {
			delete(u.held, p)
			released = append(released, p)
		}
	}
	return released
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

var errGoexit = errors.New("the sync function called runtime.Goexit")

// SyncTables implements [connector.Emitter].
func (e emitter) SyncTables(sync func(out connector.Emitter) error, tables ...string) (err error) {
	if len(tables) == 0 {
		return errors.New("sync tables: no table is named")
	}
	s, name := e.session, tables[0]
	own := emitter{session: s, tables: s.partNames(tables), closed: &closing{}}
	if err := e.open(); err != nil {
		return err
	}
	if err := own.usable(); err != nil { // only the state of these tables counts
		return err
	}
	if err := s.units.enter(name, own.tables); err != nil {
		return err
	}
	defer s.units.leave(name, own.tables)
	s.doc.Release(s.units.release(name, own.tables)...)
	if err := s.beginAll(tables, own.tables); err != nil {
		return err
	}
	err = errGoexit
	defer func() {
		own.closed.Store(true)
		if err != nil {
			s.failed(name, own.tables, tables, err)
		}
		s.endAll(tables, own.tables, err)
	}()
	if err = guard(s.run.log, "the sync of table "+name, func() error { return sync(own) }); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if err = s.ready(own.tables); err != nil {
		return err
	}
	// What another call reads, too, is finished by the last of them.
	if finished := s.units.alone(own.tables); len(finished) > 0 {
		err = s.checkpoint(s.doc.Finish, finished)
	}
	return err
}

// failed holds the state of a call that failed: whatever becomes of the error,
// nothing later saves more. A table that was declared on the way has another name
// by now.
func (s *session) failed(name string, parts, tables []string, err error) {
	for _, p := range s.partNames(tables) {
		if !slices.Contains(parts, p) {
			parts = append(slices.Clip(parts), p)
		}
	}
	s.doc.Hold(parts...)
	s.units.hold(name, parts)
	if s.ctx.Err() == nil && connector.KindOf(err) != connector.Interrupted {
		s.run.log.Error("table failed", "table", name, "error", err)
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
