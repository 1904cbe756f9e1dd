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

// A Document implements [State]. It keeps the current state and the saved state
// separately, so that a checkpoint can save one table without the others.
//
// Connectors use the State interface. The other methods are for the runtime,
// which delivers the saved state to the platform. They are also safe for
// concurrent use.
type Document struct {
	version int
	failed  atomic.Bool // whether there are faults
	frozen  atomic.Bool // whether the connector's changes are ignored

	warnings warnings

	mu     sync.Mutex // if a part's mutex is needed too, that one is locked first
	parts  map[string]*Part
	held   map[string]bool
	faults []fault        // at most one for each part
	faulty map[string]int // the index in faults for each part that has one
}

// A fault is the first error of a part.
type fault struct {
	part string
	err  error
}

// New returns an empty state of version 0.
func New() *Document { return &Document{parts: map[string]*Part{}, held: map[string]bool{}} }

// Table implements [State].
func (d *Document) Table(name string) *Part {
	switch {
	case name == SharedName || name == versionKey:
		d.fail(name, fmt.Errorf("state: the name %s is reserved: rename the table", name))
		return newPart(d, name)
	case !utf8.ValidString(name):
		d.fail(name, fmt.Errorf("state: the name %q of a table is not valid UTF-8", name))
	}
	return d.part(name)
}

// Shared implements [State].
func (d *Document) Shared() *Part { return d.part(SharedName) }

// part returns the part with the given name. It adds the part if there is none.
func (d *Document) part(name string) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.parts[name]
	if p == nil {
		p = newPart(d, name)
		d.parts[name] = p
	}
	return p
}

// Version returns the version of the state, which is the number of migrations
// that were passed to [Parse].
func (d *Document) Version() int { return d.version }

// Hold makes checkpoints ignore the named tables, so that their saved state
// does not change. The runtime holds the tables that the user has not selected.
// If the user selects them later, the next sync reads the rows that have
// changed since.
func (d *Document) Hold(tables ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range tables {
		d.held[t] = true
	}
}

// Freeze makes the state ignore or reject further changes by the connector. The
// cursors and parts keep their current values, which can still be finished and
// saved. The runtime freezes the state when a sync has returned, before it
// starts to reject rows. A goroutine that the sync left behind therefore cannot
// move a cursor past a row that was rejected.
func (d *Document) Freeze() { d.frozen.Store(true) }

// Checkpoint saves the parts of the named tables, or the whole state if no
// tables are named. It ignores tables that are held or that have no part. The
// cost depends on the number of tables and on what has changed since the last
// checkpoint, not on the size of the parts.
//
// If [Document.Err] returns an error for these tables, Checkpoint returns it
// and saves nothing.
func (d *Document) Checkpoint(tables ...string) error {
	if err := d.Err(tables...); err != nil {
		return err
	}
	if len(tables) == 0 {
		for _, p := range d.chosen(nil, true) {
			p.save()
		}
	}
	for _, name := range tables { // may run after each row, so it must not allocate
		if p := d.unheld(name); p != nil && p.dirty.Load() {
			p.save()
		}
	}
	return nil
}

// Finish is like [Document.Checkpoint], but for tables that have been read
// completely. It first moves the cursors that only move at the end of a table.
func (d *Document) Finish(tables ...string) error {
	for _, p := range d.chosen(tables, false) {
		p.finish()
	}
	return d.Checkpoint(tables...)
}

// chosen returns the parts of the named tables, or all parts if no tables are
// named. It excludes parts that are held. If changed is set, it also excludes
// parts that have not changed since they were saved.
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

// unheld returns the part of a table, or nil if there is none or it is held.
func (d *Document) unheld(table string) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[table] {
		return nil
	}
	return d.parts[table]
}

// Saved returns the saved state as a JSON object on a single line. The next
// sync passes it to [Parse]. The parts and their keys are sorted, and the
// version comes last. Equal states have equal bytes.
func (d *Document) Saved() []byte { return d.Snapshot().State }

// Snapshot returns the saved state as a whole and in parts.
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

// append returns the state with the value that which selects for each entry. It
// calls note with the offsets of each part in the result.
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
			b = b[:start] // the part is empty
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

// Err returns the first error in the state of the named tables, or of all
// tables that are not held if no tables are named. It returns the same error
// from then on. The runtime calls Err for each operation, so a connector does
// not need to call it.
//
// If a saved value does not have the type that the connector expects, the error
// is an [*Error]. If the rows of a [Sorted] cursor are not sorted, the error is
// an [*OrderError]. The other errors are mistakes in the connector: an option
// that does not apply to its cursor, two cursors of different types with the
// same key, and a name or value that a state cannot contain.
func (d *Document) Err(tables ...string) error {
	if !d.failed.Load() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(tables) == 0 {
		for _, f := range d.faults {
			if !d.held[f.part] {
				return f.err
			}
		}
		return nil
	}
	first := len(d.faults)
	for _, name := range tables {
		if i, ok := d.faulty[name]; ok {
			first = min(first, i)
		}
	}
	if first == len(d.faults) {
		return nil
	}
	return d.faults[first].err
}

// fail records the error of a part, unless the part already has one.
func (d *Document) fail(part string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.faulty[part]; known {
		return
	}
	if d.faulty == nil {
		d.faulty = map[string]int{}
	}
	d.faulty[part] = len(d.faults)
	d.faults = append(d.faults, fault{part, err})
	d.failed.Store(true)
}
