package state

import (
	"runtime"
	"sync"
)

// A TableSet is a set of tables of a [Document] whose state a runtime saves often, such as
// the tables of a call of SyncTables. Its methods do the same as those of the document with
// the names of the tables, but their cost does not depend on the number of tables. They are
// safe for concurrent use.
type TableSet struct {
	doc *Document

	mu      sync.Mutex // serializes checkpoints; locked before all mutexes of the state
	members []member
	watch   *tableWatch // or nil if there are fewer than two members
	faults  memberFaults
}

// TableSet returns the set of the named tables. A name identifies a table from the first
// operation of the set on at which a table has the name. Until then, checkpoints ignore
// it. Unlike in a call of [Document.Checkpoint], no names mean no tables.
//
// A set that is not used any more need not be closed.
func (d *Document) TableSet(tables ...string) *TableSet {
	s := &TableSet{doc: d, members: make([]member, len(tables)), faults: memberFaults{first: noFault}}
	for i, name := range tables {
		m := &s.members[i]
		m.name, m.key = name, name
		if id, known := d.identified(name); known {
			m.key, m.known = id, true
		}
	}
	if len(tables) > 1 {
		s.watch = newTableWatch(d, s.members)
		runtime.AddCleanup(s, (*tableWatch).end, s.watch)
	}
	return s
}

// identified returns the ID of the table that has the given name or ID, and reports whether
// there is one.
func (d *Document) identified(name string) (id string, known bool) {
	d.mu.Lock()
	known = d.byID[name] != nil || d.tables[name] != nil
	d.mu.Unlock()
	if known {
		return name, true
	}
	id, err := d.id(name)
	return id, err == nil
}

// Checkpoint saves the parts of the tables, as [Document.Checkpoint] does. The cost depends
// on what has changed in these tables since the last checkpoint of the set.
func (s *TableSet) Checkpoint() error { // may run after each row, so it must not allocate
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err(); err != nil {
		return err
	}
	if s.watch == nil {
		for i := range s.members {
			s.save(&s.members[i])
		}
		return nil
	}
	for range 2 { // the parts of followers may change when that of their table is saved
		changed := s.watch.take()
		for _, m := range changed {
			s.save(m)
		}
		s.watch.putBack(changed)
	}
	return nil
}

// save saves the part of a member. The caller must hold s.mu.
func (s *TableSet) save(m *member) {
	if !m.known {
		return
	}
	p := s.doc.partOf(m)
	if p == nil {
		return
	}
	if s.watch != nil {
		s.watch.bind(p, m.key) // before it is known whether the part has changed
	}
	if p.dirty.Load() && s.doc.isSaved(p) {
		p.save()
	}
}

// partOf returns the part of a known member, or nil if there is none.
func (d *Document) partOf(m *member) *Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.find(m.name, m.key)
}

// Err returns the first error in the state of the tables, as [Document.Err] does.
func (s *TableSet) Err() error {
	if !s.doc.failed.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err()
}

// err implements Err. It also identifies the members that have a table now. The caller must
// hold s.mu.
func (s *TableSet) err() error {
	s.identify()
	d := s.doc
	if !d.failed.Load() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.faults.unknown != nil {
		return d.faults.unknown
	}
	return s.faults.update(&d.faults, s.members)
}

// identify identifies the members that have a table now. The caller must hold s.mu.
func (s *TableSet) identify() {
	if s.watch == nil {
		for i := range s.members {
			if m := &s.members[i]; !m.known {
				if id, known := s.doc.identified(m.name); known {
					m.key, m.known = id, true
					s.faults.identified(id)
				}
			}
		}
		return
	}
	for _, m := range s.watch.takeNamed() {
		if id, known := s.doc.identified(m.name); known {
			s.watch.identify(m, id)
			s.faults.identified(id)
		}
	}
}
