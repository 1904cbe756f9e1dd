package state

import (
	"slices"
	"sync/atomic"
)

// A Declaration describes a table of the source to a [Document]. It is for
// runtimes.
type Declaration struct {
	// Name is a name of the table. [State.Missed] returns it. Required.
	Name string
	// Aliases are the other names of the table. A state may have its part under
	// any of the names. Optional.
	Aliases []string
	// Selected reports whether the user has selected the table. Checkpoints
	// ignore a table that is not selected, so that its saved state does not
	// change.
	Selected bool
	// Follows is a name of the table whose position also covers this table, or
	// "". That table must be declared first.
	Follows string
	// Columns are the declared columns that the sync delivers. Optional.
	Columns []string
	// Without are the declared columns that the user has deselected. Optional.
	Without []string
}

// A table is a declared table.
type table struct {
	id      string
	current atomic.Pointer[Declaration]
	family  *family   // of the table that it follows, or nil; guarded by the mutex of the document
	member  *follower // of family, or nil; guarded likewise

	record columnRecord  // guarded by the mutex of the table's part
	inStep bool          // the shared position covers the table; guarded by the mutex of the shared part
	passed *positionList // shared positions, if the part was stored separately; guarded likewise
}

// declaration returns the last declaration of the table, which is not modified.
func (t *table) declaration() *Declaration { return t.current.Load() }

// SetNames makes the state accept only names of tables for which identify
// returns an ID. Two names of one table have the same ID and the same part. If
// identify returns an error, it is the error of the state; see [Document.Err].
// By default, the state accepts every name, and each is a different table.
//
// A runtime calls SetNames before it passes the state to a connector. The
// function identify must be safe for concurrent use.
func (d *Document) SetNames(identify func(name string) (id string, err error)) { d.identify = identify }

// Declare adds a table of the source or replaces its declaration. A runtime
// declares the tables of the schema, calls [Document.Begin], and declares the
// tables that are discovered during the sync. If the declaration is not valid, for
// example because the table follows one that has not been declared, the table has an
// error; see [Document.Err].
//
// If a table follows one that the connector is already using, and the state covers
// the follower less far than that table, the next sync reads the other table from
// the beginning.
func (d *Document) Declare(declared Declaration) {
	id, err := d.id(declared.Name)
	if err != nil {
		d.fail(declared.Name, err)
		return
	}
	declared.Columns, declared.Without = slices.Clone(declared.Columns), slices.Clone(declared.Without)
	d.mu.Lock()
	t := d.tables[id]
	added := t == nil
	if added {
		t = &table{id: id}
	}
	t.current.Store(&declared)
	if added {
		d.tables[id] = t
		d.order = append(d.order, t)
	}
	begun := d.begun
	p := d.byID[id]
	if p != nil && p.carrier == nil {
		p.table.Store(t)
	}
	d.faults.reconsider(id)
	d.mu.Unlock()
	if p != nil && p.dirty.Load() {
		d.unsaved.add(p) // the table may not have been selected before
	}
	d.unsaved.tell(id, declared.Name)
	d.unsaved.tell(declared.Aliases...)
	if begun && added {
		d.shared.readTable(d, t)
	}
	if declared.Follows != "" {
		d.follow(t)
	} else {
		d.leave(t)
	}
	if d.isFollowed(t) {
		d.familyOf(t) // also if no table follows it in this sync
	}
	d.encoder.change()
}

// isFollowed reports whether tables followed t in an earlier sync.
func (d *Document) isFollowed(t *table) bool {
	p := d.lookUp(t)
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.entries.get(followersKey) != nil
}

// Begin begins the sync. A runtime calls it once, after it has declared the tables of
// the schema and before it passes the state to a connector. Where the sync starts to
// read a table is determined when the connector first uses its part.
//
// Suppose that the user has selected a table that follows another one, and that
// the follower is covered only up to an earlier position. The other table then
// starts from that position, or from the beginning if the position is unknown.
// If the user has selected only the follower, the sync continues from the
// position of the follower and keeps that of the other table.
func (d *Document) Begin() {
	d.mu.Lock()
	d.begun = true
	tables := slices.Clone(d.order)
	d.mu.Unlock()
	d.shared.begin(d.sharedPart())
	for _, t := range tables {
		d.shared.readTable(d, t)
	}
	d.encoder.change()
}

// id returns the ID of the table with the given name.
func (d *Document) id(name string) (string, error) {
	if d.identify == nil {
		return name, nil
	}
	return d.identify(name)
}

// isActive reports whether checkpoints save the state of a table.
func (d *Document) isActive(t *table) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return t.declaration().Selected && !d.held[t.id]
}

// isHeld reports whether checkpoints ignore a table that may be selected.
func (d *Document) isHeld(t *table) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[t.id]
}
