package state

// Truncate records that the rows of a table are about to be deleted. A runtime calls it
// before it deletes them.
//
// If the connector has deleted a position of the table, or deletes it before the table's
// next checkpoint, the deletion is saved at once. Otherwise, a checkpoint of another table
// could still send the position after the rows were deleted, and a sync that resumes
// there would never deliver these rows again. This also applies to a table that is held:
// the connector may read it again after it has failed.
//
// If Truncate returns true, the saved state has lost a position. The runtime delivers it
// before it deletes the rows: the sync may be interrupted before it delivers another state.
func (d *Document) Truncate(table string) (lost bool) {
	id := d.idOf(table)
	d.mu.Lock()
	var f *family
	var m *follower
	if t := d.tables[id]; t != nil {
		f, m = t.family, t.member
	}
	d.mu.Unlock()
	if f != nil {
		lost = f.truncate(m)
		id = f.carrier.id
	}
	p := d.lookUpID(id)
	if p == nil || !d.savesDeletions(p) {
		return lost
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.truncated = true
	return p.saveDeletions() || lost
}

// truncate records that the rows of a follower are about to be deleted. If the follower
// is not in step, for example because it was declared late and the user has not selected
// the carrier, or if it is held, this sync does not replace its coverage. The old coverage
// includes the deleted rows, so it is forgotten. Truncate reports whether there was one.
func (f *family) truncate(m *follower) (lost bool) {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	defer f.lockCopy()()
	m.truncated = true
	if !f.begun.Load() {
		f.truncated = true
	}
	if f.begun.Load() && (!m.inStep || f.doc.isHeld(m.table)) {
		m.passed.forget()
		lost = !m.covered.equal(&coverage{})
		f.forget(m)
	}
	return lost
}

// saveDeletions saves deletions of the connector's values. The other changes of the part
// wait for a checkpoint. It reports whether there were any. The caller must hold p.mu.
func (p *Part) saveDeletions() bool {
	var deleted []*entry
	for _, e := range p.changed {
		if !e.isRuntime && e.current.kind == isAbsent && e.saved.kind != isAbsent {
			deleted = append(deleted, e)
		}
	}
	for _, d := range p.dropped {
		if e := d.from.get(d.key); e != nil && e.saved.kind != isAbsent {
			deleted = append(deleted, e)
		}
	}
	if len(deleted) == 0 {
		return false
	}
	if p.family != nil {
		p.family.beforeDeletion()
	}
	for _, e := range deleted {
		e.save(value{})
	}
	return true
}
