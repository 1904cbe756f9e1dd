package state

import "sync"

// unsavedParts lists the parts that have changed since they were saved, so that a
// checkpoint need not look at the others: all of them for a checkpoint of the whole state,
// and those of each [TableSet] for its checkpoints. The lists may also contain parts that
// have been saved since.
type unsavedParts struct {
	mu      sync.Mutex // locked last
	parts   []*Part
	waiting map[string]*waiters // by the ID of a table, or by a name that no table had
}

// waiters are the members of sets that look at a table again when its part changes. A
// member that has been told leaves: the checkpoint that looks at the part adds it again.
// The costs of a set that is not used any more therefore end with the next change.
type waiters struct{ members []*member }

// add adds a part, unless the list contains it, and tells the sets that wait for it.
func (u *unsavedParts) add(p *Part) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !p.listed {
		p.listed = true
		u.parts = append(u.parts, p)
	}
	for _, w := range p.waiters {
		w.tell()
	}
}

// take returns the list and empties it. A part that checkpoints do not save is not
// added again when it changes: its table has failed or is not selected.
func (u *unsavedParts) take() []*Part {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.parts
	u.parts = nil
	for _, p := range taken {
		p.listed = false
	}
	return taken
}

// tell tells the sets that wait for a table with one of the keys: the table has another
// part or another declaration.
func (u *unsavedParts) tell(keys ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, key := range keys {
		if w := u.waiting[key]; w != nil {
			w.tell()
		}
	}
}

func (w *waiters) tell() {
	for _, m := range w.members {
		m.waitsFor = nil
		if m.known {
			m.watch.changed = append(m.watch.changed, m)
		} else {
			m.watch.named = append(m.watch.named, m)
		}
	}
	w.members = emptied(w.members)
}

// wait makes a member wait for its table. The caller must hold u.mu.
func (u *unsavedParts) wait(m *member) {
	w := u.waiting[m.key]
	if w == nil {
		if u.waiting == nil {
			u.waiting = map[string]*waiters{}
		}
		w = &waiters{}
		u.waiting[m.key] = w
	}
	m.waitsFor, m.at = w, len(w.members)
	w.members = append(w.members, m)
}

// leave makes a member wait no longer. The caller must hold u.mu.
func (m *member) leave() {
	w := m.waitsFor
	if w == nil {
		return
	}
	m.waitsFor = nil
	last := len(w.members) - 1
	w.members[m.at] = w.members[last]
	w.members[m.at].at = m.at
	w.members[last] = nil
	w.members = w.members[:last]
}
