package state

// Truncate records that the rows of a table are being deleted. If the connector has
// deleted a position of the table, or deletes it before the next checkpoint, the saved
// state loses that position at once. A checkpoint of another table could otherwise send
// it after the rows were deleted. A runtime calls Truncate before it deletes the rows.
func (d *Document) Truncate(table string) {
	id := d.idOf(table)
	d.mu.Lock()
	var f *family
	var m *follower
	if t := d.tables[id]; t != nil {
		f, m = t.family, t.member
	}
	d.mu.Unlock()
	if f != nil {
		f.truncate(m)
		id = f.carrier.id
	}
	p := d.savable(id)
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.truncated = true
	p.saveDeletions()
}

// truncate records that the rows of a follower are being deleted. If the sync does not
// move its coverage, because the user has not selected the carrier and the follower was
// declared late, it is unknown from then on.
func (f *family) truncate(m *follower) {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	defer f.lockCopy()()
	if f.begun.Load() && !m.inStep {
		m.passed.forget()
		f.forget(m)
	}
}

// saveDeletions saves that values of the connector were deleted, but no other change of
// the part. The caller must hold p.mu.
func (p *Part) saveDeletions() {
	var deleted []*entry
	for _, e := range p.changed {
		if !e.isRuntime && e.current.kind == isAbsent && e.saved.kind != isAbsent {
			deleted = append(deleted, e)
		}
	}
	for _, d := range p.dropped {
		if e := d.from[d.key]; e != nil && e.saved.kind != isAbsent {
			deleted = append(deleted, e)
		}
	}
	if len(deleted) == 0 {
		return
	}
	if p.family != nil {
		p.family.beforeDeletion()
	}
	for _, e := range deleted {
		e.saved = value{}
	}
}
