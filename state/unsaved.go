package state

import "slices"

// Unsaved returns the names of the tables whose position the connector has moved in
// this sync although no checkpoint has saved any of it, sorted. If such a sync is
// ended, even successfully, the next one reads the same rows again. The reason is a
// missing checkpoint, or a cursor that moves only when the table has been read to
// its end. A runtime warns the user when a sync ends early.
func (d *Document) Unsaved() []string {
	var names []string
	for _, p := range d.all() {
		if t := p.table.Load(); t != nil && p.isUnsaved() {
			names = append(names, t.declaration().Name)
		}
	}
	slices.Sort(names)
	return names
}

// isUnsaved reports whether the connector has moved a position in the part, and
// nothing of the part has been saved in this sync.
func (p *Part) isUnsaved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.saved {
		return false
	}
	for _, e := range p.changed {
		if e.current == e.saved {
			continue // it was saved when the table that this one follows was saved
		}
		if e.current != originOf(e) { // not only where the sync was told to start
			return true
		}
	}
	for _, c := range p.unfinished {
		top := c.reach.reached()
		if stored, err := c.stored(); err == nil && top.kind != isAbsent && (stored.kind == isAbsent || compare(top, &stored) > 0) {
			return true
		}
	}
	return false
}
