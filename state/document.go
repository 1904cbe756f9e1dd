package state

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A Document implements [State]. It keeps the current state and the saved state
// separately, so that a checkpoint can save one table without the others.
//
// Connectors use the State interface. The other methods are for the runtime,
// which delivers the saved state to the platform. They are also safe for
// concurrent use.
type Document struct {
	version  int
	identify func(name string) (id string, err error) // or nil; see SetNames
	failed   atomic.Bool                              // whether there are faults
	frozen   atomic.Bool                              // whether the connector's changes are ignored
	shared   sharedPosition
	inShared atomic.Bool // the connector has asked for the shared part
	warnings warnings

	mu       sync.Mutex // if a part's mutex is needed too, that one is locked first
	parts    map[string]*Part
	byID     map[string]*Part // the parts that the connector uses, by the ID of the table
	held     map[string]bool  // by ID
	holds    int              // the number of calls of Hold
	tables   map[string]*table
	order    []*table           // in the order of their declaration
	families map[string]*family // by the ID of the carrier
	copies   []*Part            // for the selected followers of tables that are not selected
	used     map[string]bool    // the IDs of the tables whose parts the connector has used
	begun    bool
	faults   faults

	saving sync.Mutex // serializes checkpoints of the whole state; locked first
	// The greatest numbers of positions in the parts that Parse read, also in those of
	// tables that are not declared.
	followed, covered int

	unsaved unsavedParts

	encoder   encoder
	splitting sync.Mutex // serializes splits of snapshots; locked first
}

// New returns an empty state of version 0.
func New() *Document {
	return &Document{
		parts: map[string]*Part{}, byID: map[string]*Part{}, held: map[string]bool{}, tables: map[string]*table{},
		families: map[string]*family{}, used: map[string]bool{},
	}
}

// Table implements [State].
func (d *Document) Table(name string) *Part {
	switch {
	case name == SharedName || name == versionKey:
		d.fail(name, fmt.Errorf("state: the name %s is reserved: rename the table", name))
		return newPart(d, name)
	case !utf8.ValidString(name):
		d.fail(name, fmt.Errorf("state: the name %q of a table is not valid UTF-8", name))
	}
	id, err := d.id(name)
	if err != nil {
		d.fail(name, fmt.Errorf("state: %w", err))
		return newPart(d, name)
	}
	p := d.part(name, id)
	if f := d.use(id); f != nil && !f.begun.Load() {
		f.begin()
		return d.part(name, id) // which may be a copy
	}
	return p
}

// use records that the connector uses the part of a table. It returns the family of
// the tables that follow the table, or nil.
func (d *Document) use(id string) *family {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.begun {
		return nil
	}
	d.used[id] = true
	return d.families[id]
}

// UsesTable reports whether the connector has used the part of a table in this sync.
func (d *Document) UsesTable(name string) bool {
	id := d.idOf(name)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used[id]
}

// Shared implements [State].
func (d *Document) Shared() *Part {
	d.inShared.Store(true)
	return d.sharedPart()
}

// UsesShared reports whether the connector has asked for the shared part, which may be
// empty. A runtime must know early whether a state will have a shared part, for
// platforms that store such a state in another form.
func (d *Document) UsesShared() bool { return d.inShared.Load() }

// part returns the part of a table. It adds the part if there is none. The part
// of a table keeps the name that it has in the state that Parse read.
func (d *Document) part(name, id string) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.find(name, id)
	if p == nil {
		p = newPart(d, name)
		d.parts[name] = p
		d.encoder.add(p)
	}
	if d.byID[id] == nil {
		d.byID[id] = p
		p.table.Store(d.tables[id])
		d.unsaved.tell(id)
	}
	return p
}

// find returns the part of a table, or nil if there is none. The caller must
// hold d.mu.
func (d *Document) find(name, id string) *Part {
	if p := d.byID[id]; p != nil {
		return p
	}
	if p := d.parts[name]; p != nil {
		return p
	}
	t := d.tables[id]
	if t == nil {
		return nil
	}
	if p := d.parts[t.declaration().Name]; p != nil {
		return p
	}
	for _, alias := range t.declaration().Aliases {
		if p := d.parts[alias]; p != nil {
			return p
		}
	}
	return nil
}

// lookUp returns the part of a declared table, or nil if there is none.
func (d *Document) lookUp(t *table) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.find(t.declaration().Name, t.id)
}

// useCopy makes the connector use p as the part of a table. It is a copy for the
// followers of the table.
func (d *Document) useCopy(id string, p *Part) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byID[id] = p
	d.copies = append(d.copies, p)
	d.faults.reconsider(id)
	d.unsaved.tell(id)
}

// declared returns the declared tables in their order.
func (d *Document) declared() []*table {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.order)
}

// Hold makes checkpoints ignore the named tables, so that their saved state
// does not change, except as [Document.Truncate] describes. The runtime holds the tables
// that have failed.
func (d *Document) Hold(tables ...string) {
	for _, name := range tables {
		id := d.idOf(name)
		d.mu.Lock()
		if !d.held[id] {
			d.held[id] = true
			d.holds++
		}
		d.mu.Unlock()
	}
}

func (d *Document) holdCount() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.holds
}

// idOf returns the ID of a table, or its name if no table has that name.
func (d *Document) idOf(name string) string {
	if id, err := d.id(name); err == nil {
		return id
	}
	return name
}

// Freeze makes the state ignore or reject further changes by the connector. The
// cursors and parts keep their current values, which can still be finished and
// saved. The runtime freezes the state when a sync has returned, before it
// starts to reject rows. A goroutine that the sync left behind therefore cannot
// move a cursor past a row that was rejected.
func (d *Document) Freeze() {
	d.frozen.Store(true)
	d.shared.freeze(d)
}

// Checkpoint saves the parts of the named tables, or the whole state if no
// tables are named. It ignores tables that are held, that the user has not
// selected, or that have no part. The cost depends on the number of names and on
// what has changed since the last checkpoint, not on the number of tables of the
// state or on the size of the parts. To save the same tables often, use
// [Document.TableSet].
//
// If [Document.Err] returns an error for these tables, Checkpoint returns it
// and saves nothing.
func (d *Document) Checkpoint(tables ...string) error {
	if err := d.Err(tables...); err != nil {
		return err
	}
	if len(tables) == 0 {
		d.saving.Lock()
		defer d.saving.Unlock()
		for _, p := range d.unsaved.take() {
			if p.dirty.Load() && d.isSaved(p) {
				p.save()
			}
		}
	}
	for _, name := range tables {
		if p := d.savable(name); p != nil && p.dirty.Load() {
			p.save()
		}
	}
	return nil
}

// Finish is like [Document.Checkpoint], but for tables that have been read
// completely. It first moves the cursors that only move at the end of a table.
func (d *Document) Finish(tables ...string) error {
	for _, name := range tables {
		if p := d.savable(name); p != nil {
			p.finish()
		}
	}
	if len(tables) == 0 {
		for _, p := range d.all() {
			p.finish()
		}
		d.shared.finish(d, d.sharedPart())
	}
	return d.Checkpoint(tables...)
}

// all returns the parts that a checkpoint of the whole state saves.
func (d *Document) all() []*Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	parts := make([]*Part, 0, len(d.parts)+len(d.copies))
	for _, p := range d.parts {
		if d.saves(p) {
			parts = append(parts, p)
		}
	}
	for _, p := range d.copies {
		if d.saves(p) {
			parts = append(parts, p)
		}
	}
	return parts
}

// isSaved reports whether checkpoints save a part.
func (d *Document) isSaved(p *Part) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.saves(p)
}

// savable returns the part of a table, or nil if there is none or a checkpoint
// does not save it.
func (d *Document) savable(name string) *Part {
	p := d.lookUpID(name)
	if p == nil || !d.isSaved(p) {
		return nil
	}
	return p
}

// lookUpID returns the part of the table that has the given ID or name, or nil if there is
// none.
func (d *Document) lookUpID(name string) *Part {
	d.mu.Lock()
	p := d.byID[name] // the runtime passes IDs, which need no look-up
	d.mu.Unlock()
	if p == nil {
		id := d.idOf(name)
		d.mu.Lock()
		p = d.find(name, id)
		d.mu.Unlock()
	}
	return p
}

// savesDeletions reports whether a deletion in a part is saved when the rows of its table are
// deleted. In contrast to saves, the table may be held.
func (d *Document) savesDeletions(p *Part) bool {
	t := p.table.Load()
	return p.carrier != nil || t == nil || t.declaration().Selected
}

// saves reports whether checkpoints save a part. The caller must hold d.mu.
func (d *Document) saves(p *Part) bool {
	t := p.table.Load()
	switch {
	case p.carrier != nil: // a copy for the selected followers
		return !d.held[p.carrier.id]
	case t == nil:
		return !d.held[p.name]
	}
	return t.declaration().Selected && !d.held[t.id]
}

// Saved returns the saved state as a JSON object on a single line. The next
// sync passes it to [Parse]. The parts and their keys are sorted, and the
// version comes last. Equal states have equal bytes.
func (d *Document) Saved() []byte { return bytes.Clone(d.Snapshot().State) }

// MarshalJSON implements [State].
func (d *Document) MarshalJSON() ([]byte, error) {
	d.renderCopies()
	d.mu.Lock()
	parts := slices.Collect(maps.Values(d.parts))
	d.mu.Unlock()
	slices.SortFunc(parts, compareNames)
	b := []byte{'{'}
	for _, p := range parts {
		start := len(b)
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(rawjson.AppendString(b, p.name), ':')
		object := len(b)
		if b = p.appendCurrent(b); len(b) == object+len("{}") {
			b = b[:start] // the part is empty
		}
	}
	return append(appendVersion(b, d.version), '}'), nil
}

// renderCopies saves the positions of the parts that are copies for followers.
func (d *Document) renderCopies() {
	d.mu.Lock()
	copies := d.copies[:len(d.copies):len(d.copies)]
	d.mu.Unlock()
	for _, p := range copies {
		p.family.render()
	}
}

// Err returns the first error in the state of the named tables, or of all
// tables that checkpoints save if no tables are named. It returns the same error
// from then on. The runtime calls Err for each operation, so a connector does
// not need to call it.
//
// If a saved value does not have the type that the connector expects, the error
// is an [*Error]. If the rows of a [Sorted] cursor are not sorted, the error is
// an [*OrderError]. The other errors are mistakes in the connector: an option
// that does not apply to its cursor, two cursors of different types with the
// same key, and a name or value that a state cannot contain. If the connector
// uses the name of a table that the source does not have, Err returns the error
// of [Document.SetNames] whatever tables are named.
func (d *Document) Err(tables ...string) error {
	if !d.failed.Load() {
		return nil
	}
	d.mu.Lock()
	unknown := d.faults.unknown
	d.mu.Unlock()
	if unknown != nil {
		return unknown
	}
	ids := make([]string, len(tables))
	for i, name := range tables {
		ids[i] = d.idOf(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(tables) > 0 {
		return d.faults.of(ids)
	}
	return d.faults.first(func(id string) (ignored, forever bool) {
		t := d.tables[id]
		p := d.byID[id]
		isCopy := p != nil && p.carrier != nil
		return d.held[id] || t != nil && !t.declaration().Selected && !isCopy, d.held[id]
	})
}

// fail records the error of a part, unless the part already has one.
func (d *Document) fail(part string, err error) {
	id, unknown := d.id(part)
	if unknown != nil {
		id = part
	}
	d.failed.Store(true)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.add(id, err, unknown != nil && part != SharedName && part != versionKey)
}

// failTable records the error of a table, whose name may have become ambiguous since.
func (d *Document) failTable(t *table, err error) {
	d.failed.Store(true)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.add(t.id, err, false)
}
