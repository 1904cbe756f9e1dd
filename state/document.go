package state

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// A Document is the one implementation of [State]. It tells apart what the
// state is from what of it is saved, so that a checkpoint can cover one table
// and not its neighbour. Connectors deal with the State interface; the methods
// here are for the runtime that delivers what they save.
type Document struct {
	version int
	faulty  atomic.Bool // there are faults
	frozen  atomic.Bool // the connector has no more to say

	mu     sync.Mutex // taken last: with a part's held, never before it
	parts  map[string]*Part
	held   map[string]bool
	faults []fault
}

// A fault is what is wrong with the part of a name.
type fault struct {
	part string
	err  error
}

// New returns an empty state.
func New() *Document { return &Document{parts: map[string]*Part{}, held: map[string]bool{}} }

// Table implements [State].
func (d *Document) Table(name string) *Part {
	switch {
	case name == sharedKey || name == versionKey:
		d.fail(name, fmt.Errorf("state: no table can be called %s: the name is the state's own", name))
		return &Part{doc: d, name: name, entries: map[string]*entry{}}
	case !utf8.ValidString(name):
		d.fail(name, fmt.Errorf("state: the table's name %q is not valid UTF-8", name))
	}
	return d.part(name)
}

// Shared implements [State].
func (d *Document) Shared() *Part { return d.part(sharedKey) }

func (d *Document) part(name string) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.parts[name]
	if p == nil {
		p = &Part{doc: d, name: name, entries: map[string]*entry{}}
		d.parts[name] = p
	}
	return p
}

// Version returns the version of the state's shape: the number of migrations
// that [Parse] was given.
func (d *Document) Version() int { return d.version }

// Hold keeps what is saved of the named tables as it is, whatever checkpoints
// say: the runtime holds the tables that a user does not want, so that their
// rows are still there to fetch on the day that the user does.
func (d *Document) Hold(tables ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range tables {
		d.held[t] = true
	}
}

// Freeze ends the changes that the connector makes: from here on its cursors and
// parts stay as they are, and can be finished and saved. The runtime freezes the
// state when a sync has returned and before it refuses rows, so that no goroutine
// that the sync left behind moves a cursor past a row that was refused.
func (d *Document) Freeze() { d.frozen.Store(true) }

// Checkpoint saves the parts of the named tables as they stand, or with no
// name the whole state. It costs what changed since the last one, not what the
// state holds. Its error is that of [Document.Err] for these tables, and
// nothing is saved then.
func (d *Document) Checkpoint(tables ...string) error {
	if err := d.Err(tables...); err != nil {
		return err
	}
	if len(tables) == 0 {
		for _, p := range d.chosen(nil, true) {
			p.save()
		}
	}
	for _, name := range tables { // as after each row: it allocates nothing
		if p := d.unheld(name); p != nil && p.dirty.Load() {
			p.save()
		}
	}
	return nil
}

// Finish is Checkpoint for tables that were synced to their end: their cursors
// move to where a source that is not sorted lets them go only now.
func (d *Document) Finish(tables ...string) error {
	for _, p := range d.chosen(tables, false) {
		p.finish()
	}
	return d.Checkpoint(tables...)
}

// chosen returns the parts of the tables, or all, that are not held; with
// changed set those only that have something to save.
func (d *Document) chosen(tables []string, changed bool) []*Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	var parts []*Part
	choose := func(p *Part) {
		if p != nil && !d.held[p.name] && (p.dirty.Load() || !changed) {
			parts = append(parts, p)
		}
	}
	if len(tables) == 0 {
		for _, p := range d.parts {
			choose(p)
		}
	}
	for _, name := range tables {
		choose(d.parts[name])
	}
	return parts
}

// unheld returns the part of a table, or nil if there is none to save.
func (d *Document) unheld(table string) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[table] {
		return nil
	}
	return d.parts[table]
}

// Saved returns the state as its checkpoints left it: the JSON object to hand
// to the next sync, on one line. The parts and what is in them are sorted by
// name, the version comes last: equal states are equal bytes.
func (d *Document) Saved() []byte { return d.Snapshot().State }

// Snapshot returns the state as its checkpoints left it.
func (d *Document) Snapshot() *Snapshot {
	type span struct {
		name     string
		from, to int
	}
	var spans []span
	s := &Snapshot{Version: d.version}
	s.State = d.append(func(e *entry) *value { return &e.saved }, func(name string, from, to int) {
		spans = append(spans, span{name, from, to})
	})
	s.Parts = make([]SavedPart, len(spans))
	for i, at := range spans {
		s.Parts[i] = SavedPart{Name: at.name, JSON: s.State[at.from:at.to:at.to]}
	}
	return s
}

// MarshalJSON implements [State].
func (d *Document) MarshalJSON() ([]byte, error) {
	return d.append(func(e *entry) *value { return &e.current }, func(string, int, int) {}), nil
}

// append returns the state, and tells note where each part stands in it.
func (d *Document) append(which func(*entry) *value, note func(name string, from, to int)) []byte {
	d.mu.Lock()
	parts := maps.Clone(d.parts)
	d.mu.Unlock()
	b := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		start := len(b)
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		object := len(b)
		if b = parts[name].append(b, which); len(b) == object+len("{}") {
			b = b[:start] // nothing in it
			continue
		}
		note(name, object, len(b))
	}
	if d.version > 0 && len(b) > 1 {
		b = append(appendString(append(b, ','), versionKey), ':')
		b = strconv.AppendInt(b, int64(d.version), 10)
	}
	return append(b, '}')
}

// Err returns what is wrong with the state of the named tables, or with no
// name of any that is not held: a stored value that is not what the connector
// now reads there, an option that does not go with its cursor, a value that a
// state can't hold, or a source that broke its word to be sorted. The runtime
// asks at each operation, so that a connector need not. It returns the first
// such error, and keeps returning it.
func (d *Document) Err(tables ...string) error {
	if !d.faulty.Load() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.faults {
		if len(tables) == 0 && !d.held[f.part] || slices.Contains(tables, f.part) {
			return f.err
		}
	}
	return nil
}

// fail notes the first thing that is wrong with a part.
func (d *Document) fail(part string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.faults {
		if f.part == part {
			return
		}
	}
	d.faults = append(d.faults, fault{part, err})
	d.faulty.Store(true)
}
