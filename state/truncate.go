package state

// Truncate records that the rows of a table are being deleted. If the connector has
// deleted a position of the table, or deletes it before the next checkpoint, the saved
// state loses that position at once. A checkpoint of another table could otherwise send
// it after the rows were deleted. A runtime calls Truncate before it deletes the rows.
func (d *Document) Truncate(table string) {
	id := d.idOf(table)
	d.mu.Lock()
	if t := d.tables[id]; t != nil && t.family != nil {
		id = t.family.carrier.id
	}
	d.mu.Unlock()
	p := d.savable(id)
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.truncated = true
	p.saveDeletions()
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
