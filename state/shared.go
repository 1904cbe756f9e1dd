package state

import "fmt"

const (
	// sharedNumberKey is the key in the shared part whose value is the number of
	// the shared position.
	sharedNumberKey = "_number"
	// coveredKey is the key in the part of a table. Its value is the number of
	// the shared position if the position covers the table.
	coveredKey = "_shared"
)

// A sharedPosition records which tables the position in the shared part covers.
// The mutex of the shared part guards its fields.
type sharedPosition struct {
	read    bool
	existed bool // an earlier sync has saved values in the shared part
	was     int  // the number that an earlier sync saved
	number  int  // the saved number, or 0
	asked   bool // the connector has called Missed
	changed bool // the covered tables have changed
	moved   bool // the shared part has been saved in this sync
	holds   int  // the value of Document.holds when the shared part was saved
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
		s.was, _ = reserved[int](shared, sharedNumberKey)
		s.number = s.was
		s.existed = !isEmptyObject(shared.position(originOf))
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
	number := max(s.number, 1)
	for _, t := range tables {
		if t.inStep && !d.isActive(t) {
			t.inStep = false
			number = s.number + 1 // the number of its part must differ from that of covered tables
		}
	}
	for _, t := range tables {
		if !d.isActive(t) {
			continue
		}
		own := d.part(t.Name, t.id)
		if !t.inStep && !s.asked {
			if s.was > 0 && t.Follows == "" && own.isPositionless() {
				d.warn(fmt.Sprintf("table %s was not read in earlier syncs that moved the position of the source: if it lacks rows, reset the whole source to read them", t.Name))
			}
			t.inStep = true
		}
		if t.inStep {
			own.cover(number)
		}
	}
	if number != s.number {
		s.number = number
		p.setReserved(sharedNumberKey, number)
	}
}

// finish makes the next checkpoint record the covered tables, even if it saves no
// change of the shared part.
func (s *sharedPosition) finish(p *Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.changed = true
	p.dirty.Store(true)
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

// isPositionless reports whether the part has no values of the connector.
func (p *Part) isPositionless() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return isEmptyObject(p.position(currentOf)) && isEmptyObject(p.position(originOf))
}
