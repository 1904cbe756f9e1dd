package state

import (
	"fmt"
	"slices"
)

const (
	// numberKey is the key in the shared part whose value is the number of the
	// shared position, or a separateCoverage. Only Missed adds it.
	numberKey = "_number"
	// coveredKey is the key in the part of a table. Its value is the number of
	// the shared position if the position covers the table, or a separateCoverage.
	coveredKey = "_shared"
	// missedKey is the key in the shared part whose value lists the tables that
	// were not selected when the shared position moved. It serves connectors
	// that do not call Missed.
	missedKey = "_missed"
)

// A sharedPosition records which tables the position in the shared part covers.
// The mutex of the shared part guards its fields.
type sharedPosition struct {
	was     int      // the number that an earlier sync saved, or 0
	valid   bool     // the number belongs to a position
	number  int      // the saved number, or 0
	missed  []string // the saved names of missedKey
	asked   bool     // the connector has called Missed
	covered []*table // by the connector, and not recorded yet
	changed bool     // the next save records the covered tables
	moved   bool     // a save in this sync has moved the position
	holds   int      // the value of Document.holds when the tables were recorded

	from     *place // the position in a part that was stored separately, or nil
	sequence int    // the number of the last snapshot that was split
}

// Missed implements [State].
func (d *Document) Missed() []string {
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	d.shared.asked = d.shared.asked || !d.frozen.Load()
	var names []string
	for _, t := range d.declared() {
		if !t.inStep && d.isActive(t) {
			names = append(names, t.declaration().Name)
			if !d.frozen.Load() {
				d.uncover(t)
			}
		}
	}
	return names
}

// uncover saves that no shared position covers a table. The connector may delete the rows
// of the table before it reads them again, and a platform may store the table's part in
// between. The caller must hold the mutex of the shared part.
func (d *Document) uncover(t *table) {
	if t.passed == nil {
		return // a number is never reused, so an old one covers no later position
	}
	t.passed = nil
	d.encoder.change()
	if own := d.lookUp(t); own != nil {
		own.mu.Lock()
		defer own.mu.Unlock()
		own.saveReserved(coveredKey, nil)
	}
}

// Uncovered returns the selected tables without a position of their own that
// Missed has returned and that have not been covered. A runtime logs them when a
// sync has succeeded: each sync will read them again. It returns nil if Missed was
// not called.
func (d *Document) Uncovered() []string {
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !d.shared.asked {
		return nil
	}
	var names []string
	for _, t := range d.declared() {
		if !t.inStep && d.isActive(t) && d.isPositionless(t) {
			names = append(names, t.declaration().Name)
		}
	}
	return names
}

// Cover implements [State].
func (d *Document) Cover(name string) {
	id, err := d.id(name)
	if err != nil {
		d.fail(name, err)
		return
	}
	d.mu.Lock()
	t := d.tables[id]
	d.mu.Unlock()
	if t == nil || d.frozen.Load() {
		return
	}
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.inStep {
		return
	}
	t.inStep = true
	d.shared.covered = append(d.shared.covered, t)
	d.shared.changed = true
	p.markDirty()
}

func (d *Document) sharedPart() *Part { return d.part(SharedName, SharedName) }

// readTable determines whether the shared position covers a table.
func (s *sharedPosition) readTable(d *Document, t *table) {
	shared := d.sharedPart()
	covered := 0
	var separate separateCoverage
	if own := d.lookUp(t); own != nil {
		own.mu.Lock()
		covered, _ = reserved[int](own, coveredKey)
		separate, _ = reserved[separateCoverage](own, coveredKey)
		own.mu.Unlock()
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	t.passed = separate.Passed
	isPassed := s.from != nil && t.passed != nil && t.passed.has(s.from.hash)
	t.inStep = s.valid && (covered == s.was || isPassed)
}

// begin reads what earlier syncs recorded.
func (s *sharedPosition) begin(shared *Part) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	s.was, _ = reserved[int](shared, numberKey)
	if separate, _ := reserved[separateCoverage](shared, numberKey); separate.Passed != nil {
		if head, ok := separate.Passed.head(); ok {
			// The numbers begin again, above those of a state that was stored as a whole.
			s.was = shared.doc.covered + 1
			s.from = &place{head, shared.position(originOf)}
		}
	}
	s.number = s.was
	s.valid = s.was > 0 && shared.hasPosition(originOf)
	s.missed, _ = reserved[[]string](shared, missedKey)
}

// step records which tables the shared position covers. It is called before the
// changes of the shared part are saved. The caller must hold the mutex of the
// shared part p.
func (s *sharedPosition) step(d *Document, p *Part) {
	holds := d.holdCount()
	if s.moved && !s.changed && s.holds == holds || !s.moved && !p.hasPosition(currentOf) {
		return
	}
	moves := !s.moved && p.moves()
	lost := moves || s.moved && s.holds != holds // some tables may no longer be covered
	s.moved, s.changed, s.holds = s.moved || moves, false, holds
	if s.asked || s.was > 0 {
		s.number = s.cover(d, lost)
		p.setReserved(numberKey, s.number)
		return
	}
	if lost {
		s.setMissed(p, s.missedNow(d))
	}
	if moves {
		d.recordColumns(false)
	}
}

// missedNow returns the tables that have not been selected since the position moved.
func (s *sharedPosition) missedNow(d *Document) []string {
	missed, known := slices.Clone(s.missed), setOf(s.missed)
	for _, t := range d.declared() {
		if name := t.declaration().Name; !known[name] && !d.isActive(t) && d.isPositionless(t) {
			missed = append(missed, name)
		}
	}
	return missed
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// setMissed sets the list of tables that were not selected.
func (s *sharedPosition) setMissed(p *Part, missed []string) {
	if !slices.Equal(s.missed, missed) {
		s.missed = missed
		p.setReserved(missedKey, missed)
	}
}

// cover saves which tables the shared position covers. It returns the number of the
// position. If tables may no longer be covered, the number is a new one, and the parts
// of the covered tables get it. A table that is not declared, because the source does
// not have it at present, is then not covered. A table that is held is not covered even if
// the connector has called Cover: it lacks rows.
func (s *sharedPosition) cover(d *Document, lost bool) int {
	number, tables := s.number, s.covered
	if lost || number == 0 {
		number, tables = max(s.number, d.covered)+1, d.declared()
	}
	for _, t := range tables {
		if t.inStep && (lost && !d.isActive(t) || d.isHeld(t)) {
			t.inStep = false
		}
		if t.inStep {
			d.part(t.declaration().Name, t.id).cover(number)
		}
	}
	s.covered = nil
	return number
}

// freeze warns the user about tables that were not selected when the position
// moved, if the connector cannot know it.
func (s *sharedPosition) freeze(d *Document) {
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.asked {
		return
	}
	missed := setOf(s.missed)
	for _, t := range d.declared() {
		name := t.declaration().Name
		if (missed[name] || s.valid && !t.inStep) && d.isActive(t) && d.isPositionless(t) {
			d.warn(fmt.Sprintf("table %s was not selected in earlier syncs: if it lacks rows, reset the whole source to read them", name))
		}
	}
}

// finish makes the next checkpoint record the covered tables, even if it saves no
// change of the shared part.
func (s *sharedPosition) finish(d *Document, p *Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.changed = true
	p.markDirty()
	active := map[string]bool{}
	for _, t := range d.declared() {
		active[t.declaration().Name] = d.isActive(t)
	}
	s.setMissed(p, slices.DeleteFunc(slices.Clone(s.missed), func(name string) bool { return s.asked || active[name] }))
	if !s.asked && p.hasPosition(currentOf) {
		d.recordColumns(true)
	}
}

// recordColumns records which columns the sync delivers of the tables whose position
// is the shared one. The caller must hold the mutex of the shared part.
func (d *Document) recordColumns(finished bool) {
	for _, t := range d.declared() {
		if len(t.declaration().Without) == 0 && d.lookUp(t) == nil || !d.isPositionless(t) {
			continue
		}
		p := d.part(t.declaration().Name, t.id)
		p.mu.Lock()
		p.recordColumns(finished)
		p.mu.Unlock()
	}
}

// cover saves the number of the shared position that covers the table.
func (p *Part) cover(number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recordColumns(false)
	if old, _ := reserved[int](p, coveredKey); old != number {
		p.saveReserved(coveredKey, number)
	}
}

// isPositionless reports whether a table has no position in the state.
func (d *Document) isPositionless(t *table) bool {
	if t.declaration().Follows != "" {
		return false
	}
	p := d.lookUp(t)
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.hasPosition(currentOf) && !p.hasPosition(originOf)
}
