package state

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Keys of a part that belong to the runtime begin with an underscore.
const (
	// followersKey is the key in the part of a table that others follow. Its
	// value is a carriage.
	followersKey = "_followers"
	// followsKey is the key in the part of a follower. Its value is a coverage.
	followsKey = "_follows"
)

// A carriage identifies the position of a table that others follow. A position
// with a greater number is further on than one with a smaller number, provided
// that both numbers are at least Since.
type carriage struct {
	Number int `json:"number"`
	// Since is the number with which the table last started from an earlier
	// position.
	Since int `json:"since"`
	// Again makes the next sync start from the beginning.
	Again bool `json:"again,omitzero"`
}

// A coverage states up to which position of the other table a follower is
// covered. It is a number while both are in step. The zero coverage is unknown.
type coverage struct {
	// Number is the number of the position, or of the position where the
	// follower fell behind or was first read without the other table.
	Number int `json:"number"`
	// Position is a copy of the position, or nil if the follower is in step.
	Position json.RawMessage `json:"position,omitzero"`
	// Parted is a copy of the position from which the follower was first read
	// without the other table. It is nil if the follower is behind.
	Parted json.RawMessage `json:"parted,omitzero"`
}

func (c *coverage) UnmarshalJSON(data []byte) error {
	type plain coverage
	if bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*plain)(c))
	}
	return json.Unmarshal(data, &c.Number)
}

func (c coverage) MarshalJSON() ([]byte, error) {
	type plain coverage
	if c.Position == nil {
		return json.Marshal(c.Number)
	}
	return json.Marshal(plain(c))
}

// least returns a position that is not further on than the follower.
func (c *coverage) least() json.RawMessage {
	if c.Parted != nil {
		return c.Parted
	}
	return c.Position
}

// A family is a table and the tables that follow it. The mutex of part guards
// its fields.
type family struct {
	doc       *Document
	carrier   *table
	own       *Part // of the carrier
	followers []*follower

	// part is what the connector reads and advances. It is the part of the
	// carrier or, if the user has selected only followers, a copy for them.
	part  *Part
	was   carriage        // in the state that Parse read
	now   carriage        // of the position in part, from the next save on
	start json.RawMessage // the position in own when the sync began
	fresh bool            // the sync reads the carrier from the beginning

	parted   coverage // of the followers, if part is a copy
	rendered bool     // the followers' entries contain the saved position of part
	moved    bool     // part has been saved in this sync
	holds    int      // the value of Document.holds when part was saved
}

// A follower is a table that follows another one.
type follower struct {
	*table
	part    *Part
	covered coverage // what the state says; changes with the saved state
	inStep  bool     // the sync delivers what is missing between covered and part
}

// follow adds a follower to the family of the table that it follows.
func (d *Document) follow(t *table, begun bool) {
	id, err := d.id(t.Follows)
	if err != nil {
		d.fail(t.Name, fmt.Errorf("state: table %s follows %s: %w", t.Name, t.Follows, err))
		return
	}
	d.mu.Lock()
	carrier := d.tables[id]
	d.mu.Unlock()
	if carrier == nil {
		d.fail(t.Name, fmt.Errorf("state: table %s follows %s, which has not been declared", t.Name, t.Follows))
		return
	}
	f := d.familyOf(carrier, begun)
	joined := &follower{table: t, part: d.part(t.Name, t.id)}
	joined.part.mu.Lock()
	joined.covered, _ = reserved[coverage](joined.part, followsKey)
	joined.part.mu.Unlock()
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.followers = append(f.followers, joined)
	if begun {
		f.join(joined)
	}
}

// familyOf returns the family of a table. It makes the family if there is none.
func (d *Document) familyOf(carrier *table, begun bool) *family {
	own := d.part(carrier.Name, carrier.id)
	d.mu.Lock()
	for _, f := range d.families {
		if f.carrier == carrier {
			d.mu.Unlock()
			return f
		}
	}
	f := &family{doc: d, carrier: carrier, own: own, part: own}
	d.families = append(d.families, f)
	d.mu.Unlock()
	if begun { // the table is being read already
		own.mu.Lock()
		defer own.mu.Unlock()
		f.readOwn()
		f.now, f.fresh = f.was, isEmptyObject(f.start)
		own.family = f
	}
	return f
}

// readOwn reads the state of the carrier that Parse read. The caller must hold
// own.mu.
func (f *family) readOwn() {
	f.start = f.own.position(originOf)
	f.was, _ = reserved[carriage](f.own, followersKey)
}

// begin determines the position from which the sync starts.
func (f *family) begin() {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	f.readOwn()
	f.own.family = f
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
}

// beginAll determines the position from which the carrier starts for itself and
// for the selected followers.
func (f *family) beginAll(selected []*follower) {
	f.now = f.was
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
		case c.Number == 0 || c.Number < f.was.Since || c.Number > f.was.Number:
			unknown = true
		case c.Position == nil:
			unknown = unknown || c.Number != f.was.Number
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
	f.fresh = isEmptyObject(position)
	values, _ := readObject(position) // Parse has accepted it
	for key, raw := range values {
		f.part.entries[key] = storedEntry(raw)
	}
	f.doc.replace(f.carrier.id, f.part)
}

// lowest returns the lowest position of the followers, and their coverage when
// they are read from there. If it is unknown, both are empty.
func (f *family) lowest(selected []*follower) (coverage, json.RawMessage) {
	lowest, position := f.was.Number, f.start
	for _, m := range selected {
		c := &m.covered
		switch {
		case c.Number == 0 || c.Number < f.was.Since || c.Number > f.was.Number || c.Position == nil && c.Number != f.was.Number:
			return coverage{}, emptyObject
		case c.Position != nil && c.Number <= lowest:
			lowest, position = c.Number, c.least()
		}
	}
	return coverage{Number: lowest, Parted: position}, position
}

var emptyObject = json.RawMessage("{}")

func isEmptyObject(position json.RawMessage) bool { return len(position) <= len("{}") }

func (c *coverage) equal(other *coverage) bool {
	return c.Number == other.Number && bytes.Equal(c.Position, other.Position) && bytes.Equal(c.Parted, other.Parted)
}

// next returns a carriage for a position that cannot be compared with any
// earlier one.
func (f *family) next() carriage {
	number := f.was.Number
	for _, m := range f.followers {
		number = max(number, m.covered.Number)
	}
	return carriage{Number: number + 1, Since: number + 1}
}

// join adds a follower that was declared during the sync. The caller must hold
// the mutex of part.
func (f *family) join(m *follower) {
	c := &m.covered
	wasInStep := c.Number != 0 && c.Number == f.was.Number && (c.Position == nil || c.Parted != nil)
	switch {
	case !f.doc.isActive(m.table):
		if wasInStep && c.Position == nil && f.part == f.own && f.now.Number != f.was.Number {
			f.cover(m, coverage{Number: f.was.Number, Position: f.start})
		}
	case f.fresh, wasInStep && f.part == f.own:
		m.inStep = true
		f.moved = false // the next save records it
	case f.part != f.own:
		m.inStep = c.Position != nil && f.parted.Number == c.Number && bytes.Equal(f.parted.Parted, c.Parted)
		f.moved = false
	default:
		f.now.Again = true
		f.moved = false
		f.doc.warn(fmt.Sprintf("table %s is new or was not read in earlier syncs, and its rows come with those of table %s: the next sync reads table %[2]s from the beginning",
			m.Name, f.carrier.Name))
	}
}

// step records up to where the followers are covered when part is saved. It is
// called before part's changes are saved. The caller must hold part.mu.
func (f *family) step() {
	holds := f.doc.holdCount()
	if f.moved && f.holds == holds {
		f.rendered = false
		return
	}
	f.moved, f.holds, f.rendered = true, holds, false
	if f.part != f.own {
		return // see render
	}
	if f.now.Number == 0 {
		f.now = f.next()
	}
	number := f.now.Number
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) || m.covered.Number != f.was.Number {
			continue
		}
		m.inStep = false
		if m.covered.Position == nil && m.covered.Number != 0 { // it falls behind
			f.cover(m, coverage{Number: f.was.Number, Position: f.own.position(savedOf)})
		}
		if number == f.was.Number {
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
	m.part.mu.Lock()
	defer m.part.mu.Unlock()
	m.part.recordColumns(false)
	if m.covered.equal(&c) {
		return
	}
	m.covered = c
	m.part.saveReserved(followsKey, c)
}

// render saves the position of followers that are read without the carrier.
func (f *family) render() {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if f.part == f.own || !f.moved || f.rendered {
		return
	}
	f.rendered = true
	c := f.parted
	c.Position = f.part.position(savedOf)
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) {
			f.cover(m, c)
		}
	}
}
