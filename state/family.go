package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
)

// A family is a table and the tables that follow it. The mutex of own guards the
// fields, except for those that saves of part change: the mutex of part guards these.
// If part is a copy, the mutex of own is locked first.
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

	truncated bool // Truncate was called for a follower before begin

	// The fields below serve platforms that store the part of each table separately.
	passed     *positionList // of the carrier, or nil if the state was stored as a whole
	edited     bool          // a person has edited the position
	ownEpoch   string        // of the carrier's positions when the sync began
	epoch      string        // of the positions in part
	at         uint64        // the hash of the position in part at the last split
	known      []place       // positions whose hashes are known
	knownIn    string        // the epoch of their hashes
	lowered    bool          // the sync does not start from the position of all of its tables
	restarting bool          // the next save includes a restart
	events     events        // that the saved state includes
	split      events        // that the last split took into account
	sequence   int           // the number of the last snapshot that was split
}

// events counts the events after which a sync must not start from the positions that
// part has passed.
type events struct {
	restarts   int // a part of the position was deleted
	violations int // the position went back because the rows were not sorted
}

// A follower is a table that follows another one.
type follower struct {
	*table
	part    *Part
	covered coverage      // what the state says; changes with the saved state
	inStep  bool          // the sync delivers what is missing between covered and part
	passed  *positionList // or nil if the state was stored as a whole

	truncated bool // Truncate was called for the table in this sync
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
	t.family, t.member = nil, nil
	d.mu.Unlock()
	if f == nil {
		return
	}
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	defer f.lockCopy()()
	// Snapshots share the list.
	f.followers = slices.DeleteFunc(slices.Clone(f.followers), func(m *follower) bool { return m.table == t })
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

// add adds a follower. If the connector has already begun to read the carrier, the
// follower joins it if it can.
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
	m.passed, m.covered.Passed = m.covered.Passed, nil
	d.mu.Lock()
	t.family, t.member = f, m
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
		f.compare(m)
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

// join adds a follower that was declared after the connector had begun to read the
// carrier. If the follower has missed rows, the sync does not go back for them, so join
// warns the user. The caller must hold the mutexes of own and part.
func (f *family) join(m *follower) {
	c := &m.covered
	wasInStep := c.Number != 0 && c.Number == f.first.Number && (c.Position == nil || c.Parted != nil)
	switch {
	case !f.doc.isActive(m.table):
		if wasInStep && c.Position == nil && f.part == f.own && f.now.Number != f.first.Number {
			f.cover(m, coverage{Number: f.first.Number, Position: f.start})
		}
	case f.fresh, f.part == f.own && wasInStep, f.part != f.own && f.startsWith(m):
		if f.fresh {
			m.passed.forget()
			f.forget(m)
		}
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

// startsWith reports whether a follower is at the position from which the copy starts.
// The caller must hold the mutexes of own and part.
func (f *family) startsWith(m *follower) bool {
	c := &m.covered
	return c.Number == f.parted.Number && bytes.Equal(c.Position, f.copied) && bytes.Equal(c.Parted, f.parted.Parted) &&
		(m.passed == nil || m.passed.epoch == f.epoch)
}
