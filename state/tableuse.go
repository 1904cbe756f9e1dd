package state

// A TableUse describes how a sync has used the part of a declared table. It is for tests of
// connectors.
type TableUse struct {
	// Table is the name of the table in its declaration.
	Table string
	// Cursor reports whether the sync has created a cursor of the table, or one of a
	// partition.
	Cursor bool
	// Sorted reports whether all of these cursors have the option [Sorted] or are those
	// of tokens, so that a checkpoint in the middle of the table saves a position.
	Sorted bool
	// Moved reports whether the part has a position, or will have one when the table
	// is finished. It is false if no cursor was ever advanced to a value other than zero.
	Moved bool
}

// TableUses returns how the sync has used the parts of the tables that the connector has
// asked for.
func (d *Document) TableUses() []TableUse {
	var all []TableUse
	for _, t := range d.declared() {
		d.mu.Lock()
		p := d.byID[t.id]
		used := d.used[t.id]
		d.mu.Unlock()
		if !used || p == nil {
			continue
		}
		u := p.use()
		u.Table = t.declaration().Name
		all = append(all, u)
	}
	return all
}

func (p *Part) use() TableUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := TableUse{Cursor: p.cursors > 0, Sorted: p.cursors > 0 && len(p.unfinished) == 0, Moved: p.hasPosition(currentOf)}
	for _, c := range p.unfinished {
		u.Moved = u.Moved || c.reach.top.kind != isAbsent
	}
	return u
}
