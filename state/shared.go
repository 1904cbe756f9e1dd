package state

import (
	"fmt"
	"slices"
)

const (
	// numberKey is the key in the shared part whose value is the number of the
	// shared position. Only Missed adds it.
	numberKey = "_number"
	// coveredKey is the key in the part of a table. Its value is the number of
	// the shared position if the position covers the table.
	coveredKey = "_shared"
	// missedKey is the key in the shared part whose value lists the tables that
	// were not selected when the shared position moved. It serves connectors
	// that do not call Missed.
	missedKey = "_missed"
)

// A sharedPosition records which tables the position in the shared part covers.
// The mutex of the shared part guards its fields.
type sharedPosition struct {
	read    bool     // the fields below have been read from the shared part
	was     int      // the number that an earlier sync saved, or 0
	number  int      // the saved number, or 0
	missed  []string // the saved names of missedKey
	asked   bool     // the connector has called Missed
	changed bool     // the covered tables have changed
	moved   bool     // the shared part has been saved in this sync
	holds   int      // the value of Document.holds when the shared part was saved
}

// Missed implements [State].
func (d *Document) Missed() []string {
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	d.shared.asked = true
	var names []string
	for _, t := range d.declared() {
		if !t.inStep && d.isActive(t) {
			names = append(names, t.Name)
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
	t.inStep = true
	d.shared.changed = true
	p.dirty.Store(true)
}

func (d *Document) sharedPart() *Part { return d.part(SharedName, SharedName) }

// readTable determines whether the shared position covers a table.
func (s *sharedPosition) readTable(d *Document, t *table) {
	shared := d.sharedPart()
	covered := 0
	if own := d.lookUp(t); own != nil {
		own.mu.Lock()
		covered, _ = reserved[int](own, coveredKey)
		own.mu.Unlock()
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !s.read {
		s.read = true
		s.was, _ = reserved[int](shared, numberKey)
		s.number = s.was
		s.missed, _ = reserved[[]string](shared, missedKey)
	}
	t.inStep = s.was > 0 && covered == s.was
}

// step records which tables the shared position covers. It is called before the
// changes of the shared part are saved. The caller must hold the mutex of the
// shared part p.
func (s *sharedPosition) step(d *Document, p *Part) {
	holds, tables := d.holdCount(), d.declared()
	if s.moved && !s.changed && s.holds == holds || len(tables) == 0 || isEmptyObject(p.position(currentOf)) {
		return
	}
	s.moved, s.changed, s.holds = true, false, holds
	if s.asked {
		s.number = s.cover(d, tables)
		p.setReserved(numberKey, s.number)
		return
	}
	missed := slices.Clone(s.missed)
	for _, t := range tables {
		if !d.isActive(t) && !slices.Contains(missed, t.Name) && d.isPositionless(t) {
			missed = append(missed, t.Name)
		}
	}
	s.setMissed(p, missed)
}

// setMissed sets the list of tables that were not selected.
func (s *sharedPosition) setMissed(p *Part, missed []string) {
	if !slices.Equal(s.missed, missed) {
		s.missed = missed
		p.setReserved(missedKey, missed)
	}
}

// cover saves which tables the shared position covers. It returns the number of
// the position.
func (s *sharedPosition) cover(d *Document, tables []*table) int {
	number := max(s.number, 1)
	for _, t := range tables {
		if t.inStep && !d.isActive(t) {
			t.inStep = false
			number = s.number + 1 // the number of its part must differ from that of covered tables
		}
	}
	for _, t := range tables {
		if t.inStep {
			d.part(t.Name, t.id).cover(number)
		}
	}
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
	for _, t := range d.declared() {
		if slices.Contains(s.missed, t.Name) && d.isActive(t) && d.isPositionless(t) {
			d.warn(fmt.Sprintf("table %s was not selected in earlier syncs: if it lacks rows, reset the whole source to read them", t.Name))
		}
	}
}

// finish makes the next checkpoint record the covered tables, even if it saves no
// change of the shared part.
func (s *sharedPosition) finish(d *Document, p *Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.changed = true
	p.dirty.Store(true)
	active := map[string]bool{}
	for _, t := range d.declared() {
		active[t.Name] = d.isActive(t)
	}
	s.setMissed(p, slices.DeleteFunc(slices.Clone(s.missed), func(name string) bool { return s.asked || active[name] }))
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
	p := d.lookUp(t)
	if p == nil {
		return t.Follows == ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return t.Follows == "" && isEmptyObject(p.position(currentOf)) && isEmptyObject(p.position(originOf))
}
