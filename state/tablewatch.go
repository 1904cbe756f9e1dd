package state

import "slices"

// A tableWatch lists the tables of a [TableSet] that its next checkpoint must look at. The
// state refers to the watch, and not to the set, so that a set that is not used any more is
// freed, and its watch with it. The mutex of unsavedParts guards the fields.
type tableWatch struct {
	doc     *Document
	members []member
	changed []*member // their parts have changed, or no checkpoint of the set has looked at them
	named   []*member // no table had their names, but one may have them now
	spare   []*member // is empty; reused
}

// A member is a table of a set.
type member struct {
	name  string // that the runtime has passed
	key   string // the ID of the table, or the name if no table has it
	known bool   // key is an ID

	// The fields below are only used if the set has several tables. The mutex of
	// unsavedParts guards them, and the changes of those above.
	watch    *tableWatch
	waitsFor *waiters // or nil
	at       int      // the index in waitsFor
}

// newTableWatch returns a watch of tables, none of which has been looked at.
func newTableWatch(d *Document, members []member) *tableWatch {
	w := &tableWatch{doc: d, members: members}
	d.unsaved.mu.Lock()
	defer d.unsaved.mu.Unlock()
	for i := range members {
		m := &members[i]
		m.watch = w
		if m.known {
			w.changed = append(w.changed, m)
		} else { // a table may have been declared since its name was looked up
			w.named = append(w.named, m)
		}
	}
	return w
}

// take returns the members that a checkpoint must look at, and makes them wait for the next
// change. A change is then either seen or told. The caller passes the result to putBack.
func (w *tableWatch) take() []*member {
	u := &w.doc.unsaved
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := w.changed
	w.changed, w.spare = w.spare, nil
	for _, m := range taken {
		u.wait(m)
	}
	return taken
}

// putBack makes the memory of a list that take has returned available again.
func (w *tableWatch) putBack(taken []*member) {
	w.doc.unsaved.mu.Lock()
	defer w.doc.unsaved.mu.Unlock()
	w.spare = emptied(taken)
}

// takeNamed returns the members whose names must be looked up again, and makes them wait
// for the next table that is declared with their names.
func (w *tableWatch) takeNamed() []*member {
	u := &w.doc.unsaved
	u.mu.Lock()
	defer u.mu.Unlock()
	var taken []*member
	for _, m := range w.named {
		if !m.known { // see identify
			u.wait(m)
			taken = append(taken, m)
		}
	}
	w.named = nil
	return taken
}

// identify records the ID of a member.
func (w *tableWatch) identify(m *member, id string) {
	u := &w.doc.unsaved
	u.mu.Lock()
	defer u.mu.Unlock()
	m.leave() // if it has been told again, it is also in named
	m.key, m.known = id, true
	w.changed = append(w.changed, m)
}

// bind makes changes of a part tell those who wait for a table.
func (w *tableWatch) bind(p *Part, key string) {
	u := &w.doc.unsaved
	u.mu.Lock()
	defer u.mu.Unlock()
	if waiting := u.waiting[key]; waiting != nil && !slices.Contains(p.waiters, waiting) {
		p.waiters = append(p.waiters, waiting)
	}
}

// end removes the members from the lists of those who wait.
func (w *tableWatch) end() {
	w.doc.unsaved.mu.Lock()
	defer w.doc.unsaved.mu.Unlock()
	for i := range w.members {
		w.members[i].leave()
	}
}
