package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A State is what earlier syncs left behind and what the one at hand adds to
// it: one part per table and a part that is shared. It is safe for concurrent
// use.
//
// The interface is for passing a state on, not for implementing it elsewhere:
// it may gain methods. [New] and [Parse] make one.
type State interface {
	// Table returns the part of the named table, empty on a first sync.
	Table(name string) *Part

	// Shared returns the part that belongs to no table in particular. A
	// checkpoint of one table leaves it out: it is saved with the whole state.
	Shared() *Part

	// MarshalJSON returns the state as it stands, saved or not.
	MarshalJSON() ([]byte, error)
}

const (
	sharedKey  = "_shared"
	versionKey = "_version"
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

// A Migration turns a state of one version into one of the next, in place: the
// map is the whole state, with a key for each table and "_shared" for the
// shared part, its values the JSON objects that are the parts.
type Migration func(old map[string]json.RawMessage) error

// Parse returns the state that data holds: a JSON object as [Document.Saved]
// wrote it. No data, null and {} all give an empty state. Data that is
// anything else is an [*Error].
//
// A connector whose state changes its shape lists the migrations, oldest
// first, and never removes one: the version of its state is their number, 0
// for none. An older state runs through those that it has not seen; a newer
// one is refused.
func Parse(data []byte, migrations ...Migration) (*Document, error) {
	d := New()
	d.version = len(migrations)
	top, err := readTop(data)
	if err != nil {
		return nil, err
	}
	if top, err = migrate(top, migrations); err != nil {
		return nil, err
	}
	for name, raw := range top {
		values, err := readObject(raw)
		if err != nil {
			return nil, &Error{Table: name, Problem: err.Error()}
		}
		p := d.part(name)
		for key, v := range values {
			p.entries[key] = storedEntry(v)
		}
	}
	return d, nil
}

// migrate brings the members of a state up to date and takes the version off.
func migrate(top map[string]json.RawMessage, migrations []Migration) (map[string]json.RawMessage, error) {
	version, err := takeVersion(top)
	if err != nil {
		return nil, err
	}
	if version > len(migrations) {
		return nil, newerError(version, len(migrations))
	}
	if len(top) == 0 {
		return top, nil
	}
	for ; version < len(migrations); version++ {
		if err := migrations[version](top); err != nil {
			return nil, fmt.Errorf("state: migration from version %d: %w", version, err)
		}
	}
	delete(top, versionKey)
	return top, nil
}

// readTop returns the members of a state, of which there are none in no data and
// in null.
func readTop(data []byte) (map[string]json.RawMessage, error) {
	if data = bytes.Trim(data, " \t\r\n"); len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	top, err := readObject(data)
	if err != nil {
		return nil, &Error{Problem: err.Error()}
	}
	return top, nil
}

// takeVersion takes the version off the members of a state.
func takeVersion(top map[string]json.RawMessage) (int, error) {
	raw, ok := top[versionKey]
	if !ok {
		return 0, nil
	}
	version, err := strconv.Atoi(string(raw))
	if err != nil || version < 0 {
		return 0, &Error{Problem: versionKey + " is not a whole number"}
	}
	delete(top, versionKey)
	return version, nil
}

// newerError is the error for a state that a newer connector wrote.
func newerError(version, known int) *Error {
	return &Error{
		Problem: fmt.Sprintf("it is of version %d, and this connector knows versions up to %d", version, known),
		remedy:  "run the newer connector, which wrote it, or reset it to sync from the start",
	}
}

// readObject reads a JSON object strictly: no name twice, nothing after it. The
// white space that people put in who edit a state is left out.
func readObject(data []byte) (map[string]json.RawMessage, error) {
	v := jsontext.Value(data)
	if !v.IsValid() {
		if v.IsValid(jsontext.AllowDuplicateNames(true)) {
			return nil, errors.New("an object in it has the same name twice")
		}
		return nil, errors.New("it is not valid JSON")
	}
	if v.Kind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	v = v.Clone()
	if err := v.Compact(); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(v, &members); err != nil {
		return nil, err
	}
	return members, nil
}

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

// appendString appends a JSON string. What comes here has been checked to be
// UTF-8; the rest is for the fault's own message to be seen.
func appendString(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD"))))
	}
	return quoted
}
