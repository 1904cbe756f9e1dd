package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
)

// A family is a table and the tables that follow it. The mutex of own guards its
// fields, except that of part guards those that part's saves change. If part is a
// copy, the mutex of own is locked first.
type family struct {
	doc       *Document
	carrier   *table
	own       *Part // of the carrier
	followers []*follower
	begun     atomic.Bool // begin was called; part is final

	// part is what the connector reads and advances. It is the part of the
	// carrier or, if the user has selected only followers, a copy for them.
	part  *Part
	first carriage        // in the state that Parse read
	was   carriage        // in the saved state
	now   carriage        // of the position in part, from the next save on
	start json.RawMessage // the position in own when the sync began
	fresh bool            // the sync reads the carrier from the beginning

	parted   coverage        // of the followers, if part is a copy
	copied   json.RawMessage // the position from which the copy starts
	again    bool            // the next sync of the followers starts from the beginning
	rendered bool            // the followers' entries contain the saved position of part
	moved    bool            // a save in this sync has moved part
	stale    bool            // the next save records the followers again
	holds    int             // the value of Document.holds when the followers were recorded

	joined []*follower // in step, and not recorded yet
}

// A follower is a table that follows another one.
type follower struct {
	*table
	part    *Part
	covered coverage // what the state says; changes with the saved state
	inStep  bool     // the sync delivers what is missing between covered and part
}

// follow makes a table a member of the family of the table that it follows.
func (d *Document) follow(t *table) {
	declared := t.declaration()
	id, err := d.id(declared.Follows)
	if err != nil {
		d.fail(declared.Name, fmt.Errorf("state: table %s follows %s: %w", declared.Name, declared.Follows, err))
		return
	}
	d.mu.Lock()
	carrier, joined := d.tables[id], t.family
	d.mu.Unlock()
	switch {
	case carrier == nil:
		d.fail(declared.Name, fmt.Errorf("state: table %s follows %s, which has not been declared", declared.Name, declared.Follows))
		return
	case joined != nil && joined.carrier == carrier:
		return
	}
	d.familyOf(carrier).add(t)
}

// leave removes a table that no longer follows another one from its family.
func (d *Document) leave(t *table) {
	d.mu.Lock()
	f := t.family
	t.family = nil
	d.mu.Unlock()
	if f == nil {
		return
	}
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	defer f.lockCopy()()
	f.followers = slices.DeleteFunc(f.followers, func(m *follower) bool { return m.table == t })
}

// familyOf returns the family of a table. It makes the family if there is none.
func (d *Document) familyOf(carrier *table) *family {
	own := d.part(carrier.declaration().Name, carrier.id)
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.families[carrier.id]
	if f == nil {
		f = &family{doc: d, carrier: carrier, own: own, part: own}
		d.families[carrier.id] = f
	}
	return f
}

// add adds a follower. If the carrier is being read already, the follower joins it
// there.
func (f *family) add(t *table) {
	d := f.doc
	d.leave(t)
	m := &follower{table: t, part: d.part(t.declaration().Name, t.id)}
	m.part.mu.Lock()
	m.covered, _ = reserved[coverage](m.part, followsKey)
	m.part.mu.Unlock()
	if id, err := d.id(m.covered.Of); err != nil || id != f.carrier.id {
		m.covered = coverage{}
	}
	d.mu.Lock()
	t.family = f
	used := d.used[f.carrier.id]
	d.mu.Unlock()
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	if used && !f.begun.Load() {
		f.beginUsed()
	}
	defer f.lockCopy()()
	f.followers = append(f.followers, m)
	if f.begun.Load() {
		f.join(m)
	}
}

// lockCopy locks the mutex of part if part is a copy, and returns a function that
// unlocks it. The caller must hold own.mu.
func (f *family) lockCopy() (unlock func()) {
	if f.part == f.own {
		return func() {}
	}
	f.part.mu.Lock()
	return f.part.mu.Unlock
}

// readOwn reads the state of the carrier that Parse read. The caller must hold
// own.mu.
func (f *family) readOwn() {
	f.start = f.own.position(originOf)
	f.first, _ = reserved[carriage](f.own, followersKey)
	f.was, f.now = f.first, f.first
	f.own.family = f
}

// beginUsed begins a family whose carrier the connector is reading already. The
// caller must hold own.mu.
func (f *family) beginUsed() {
	f.readOwn()
	f.fresh = isEmptyObject(f.start)
	f.begun.Store(true)
}

// begin determines the position from which the sync starts. It is called when the
// connector uses the part of the carrier for the first time, so that it knows the
// followers that the connector has declared before.
func (f *family) begin() {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	if f.begun.Load() {
		return
	}
	f.readOwn()
	var selected []*follower
	for _, m := range f.followers {
		if f.doc.isActive(m.table) {
			m.inStep = true
			selected = append(selected, m)
		}
	}
	switch {
	case f.doc.isActive(f.carrier):
		f.beginAll(selected)
	case len(selected) > 0:
		f.beginFollowers(selected)
	}
	f.begun.Store(true)
}

// beginAll determines the position from which the carrier starts for itself and
// for the selected followers.
func (f *family) beginAll(selected []*follower) {
	if isEmptyObject(f.start) {
		f.fresh = true
		f.now = f.next()
		return
	}
	lowest, position := f.was.Number, json.RawMessage(nil)
	unknown := f.was.Again
	for _, m := range selected {
		c := &m.covered
		switch {
		case !f.knows(c):
			unknown = true
		case c.Position == nil: // in step
		case c.Parted != nil && c.Number == f.was.Number:
			// The carrier has stayed where the follower parted from it.
		case c.Number <= lowest:
			lowest, position = c.Number, c.least()
		}
	}
	switch {
	case unknown:
		f.fresh = true
		f.own.setPosition(nil)
	case position != nil:
		f.fresh = isEmptyObject(position)
		f.own.setPosition(position)
	default:
		return
	}
	f.now = f.next()
}

// beginFollowers makes a copy of the carrier's part for the selected followers.
func (f *family) beginFollowers(selected []*follower) {
	f.part = newPart(f.doc, f.own.name)
	f.part.family, f.part.carrier = f, f.carrier
	f.parted = selected[0].covered
	position := f.parted.Position
	for _, m := range selected {
		if m.covered.Position == nil || !m.covered.equal(&f.parted) {
			position = nil
		}
	}
	if position == nil { // the followers are not at the same position
		f.parted, position = f.lowest(selected)
	} else if f.parted.Parted == nil && f.parted.Number > 0 {
		f.parted.Parted = position
	}
	f.fresh, f.copied = isEmptyObject(position), position
	values, _ := readObject(position) // Parse has accepted it
	for key, raw := range values {
		f.part.entries[key] = storedEntry(raw)
	}
	f.doc.useCopy(f.carrier.id, f.part)
}

// knows reports whether the position of a follower can be compared with that of the
// carrier.
func (f *family) knows(c *coverage) bool {
	return c.Number > 0 && c.Number >= f.was.Since && c.Number <= f.was.Number && (c.Position != nil || c.Number == f.was.Number)
}

// lowest returns the lowest position of the followers, and their coverage when
// they are read from there. If it is unknown, both are empty.
func (f *family) lowest(selected []*follower) (coverage, json.RawMessage) {
	lowest, position := f.was.Number, f.start
	for _, m := range selected {
		c := &m.covered
		switch {
		case !f.knows(c):
			return coverage{}, emptyObject
		case c.Position != nil && c.Number <= lowest:
			lowest, position = c.Number, c.least()
		}
	}
	return coverage{Number: lowest, Parted: position}, position
}

var emptyObject = json.RawMessage("{}")

func isEmptyObject(position json.RawMessage) bool { return len(position) <= len("{}") }

// next returns a carriage for a position that cannot be compared with any
// earlier one.
func (f *family) next() carriage {
	number := max(f.was.Number, f.now.Number, f.doc.followed)
	for _, m := range f.followers {
		number = max(number, m.covered.Number)
	}
	return carriage{Number: number + 1, Since: number + 1}
}

// join adds a follower that was declared when the connector was reading the carrier
// already. The caller must hold the mutexes of own and part.
func (f *family) join(m *follower) {
	c := &m.covered
	wasInStep := c.Number != 0 && c.Number == f.first.Number && (c.Position == nil || c.Parted != nil)
	switch {
	case !f.doc.isActive(m.table):
		if wasInStep && c.Position == nil && f.part == f.own && f.now.Number != f.first.Number {
			f.cover(m, coverage{Number: f.first.Number, Position: f.start})
		}
	case f.fresh, wasInStep && f.part == f.own:
		m.inStep = true
		f.joined = append(f.joined, m)
		f.part.markDirty()
	case f.part != f.own && c.Number == f.parted.Number && bytes.Equal(c.Position, f.copied) && bytes.Equal(c.Parted, f.parted.Parted):
		m.inStep = true
		f.joined = append(f.joined, m)
		f.part.markDirty()
	default:
		if f.part == f.own {
			f.now.Again = true
		} else {
			f.again = true
		}
		f.recordAgain()
		what := "the next sync reads table %[2]s from the beginning"
		if f.part == f.own && !f.doc.isActive(f.carrier) {
			what = "select table %[2]s, so that a sync reads it from the beginning"
		}
		f.doc.warn(fmt.Sprintf("table %s is new or was not read in earlier syncs, and its rows come with those of table %s: "+what,
			m.declaration().Name, f.carrier.declaration().Name))
	}
}

// recordAgain makes the next save record up to where the followers are covered.
// The caller must hold part.mu.
func (f *family) recordAgain() {
	f.stale = true
	f.part.markDirty()
}

// restart records that the connector has deleted a part of the position. It may
// read rows again, so the position is not further on than an earlier one. The
// caller must hold part.mu.
func (f *family) restart() {
	if f.part == f.own {
		if f.now == f.was || f.now.Since < f.now.Number {
			f.now = f.next()
		}
	} else {
		f.parted = coverage{}
	}
	f.recordAgain()
}

// step records up to where the followers are covered when part is saved. It is
// called before part's changes are saved. The caller must hold part.mu.
func (f *family) step() {
	f.rendered = false
	holds := f.doc.holdCount()
	moves := !f.moved && (f.now != f.was || f.part.moves())
	again := moves || f.stale || f.moved && f.holds != holds || len(f.joined) > 0 && f.now.Number == 0
	switch {
	case !again && len(f.joined) == 0:
	case f.part != f.own:
		f.moved, f.stale, f.joined = true, false, nil // see render
	case again:
		f.moved, f.stale, f.joined, f.holds = f.moved || moves, false, nil, holds
		f.recordAll(moves)
	default:
		for _, m := range f.joined {
			f.cover(m, coverage{Number: f.now.Number})
		}
		f.joined = nil
	}
}

// recordAll records up to where all followers are covered when own is saved. If the
// position moves for the first time in this sync, it gets a new number.
func (f *family) recordAll(moves bool) {
	switch {
	case f.now.Number == 0:
		f.now = f.next()
	case moves && f.now.Number == f.first.Number:
		f.now.Number++
	}
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) || m.covered.Number != f.was.Number {
			continue
		}
		m.inStep = false
		if m.covered.Position == nil && m.covered.Number != 0 { // it falls behind
			f.cover(m, coverage{Number: f.was.Number, Position: f.own.position(savedOf)})
		}
		if f.now.Number == f.was.Number {
			f.now.Number++ // its coverage must differ from that of followers in step
		}
	}
	for _, m := range f.followers {
		if m.inStep {
			f.cover(m, coverage{Number: f.now.Number})
		}
	}
	if f.now != f.was {
		f.own.setReserved(followersKey, f.now)
		f.was = f.now
	}
}

// cover saves the coverage of a follower.
func (f *family) cover(m *follower, c coverage) {
	c.Of = f.carrier.declaration().Name
	m.part.mu.Lock()
	defer m.part.mu.Unlock()
	m.part.recordColumns(false)
	if m.covered.equal(&c) {
		return
	}
	m.covered = c
	m.part.saveReserved(followsKey, c)
}

// render saves the position of followers that are read without the carrier. The
// family has a copy.
func (f *family) render() {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if !f.moved || f.rendered {
		return
	}
	f.rendered = true
	c := f.parted
	c.Position = f.part.position(savedOf)
	if f.again {
		c = coverage{Position: emptyObject}
	}
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) {
			f.cover(m, c)
		}
	}
}
