package state

// recordAgain makes the next save record the coverage of the followers.
// The caller must hold part.mu.
func (f *family) recordAgain() {
	f.stale = true
	f.part.markDirty()
}

// restart records that the connector has deleted a part of the position. It may
// read rows again, so the position can no longer be compared with earlier ones.
// The caller must hold part.mu.
func (f *family) restart() {
	f.restarting = true
	if f.part == f.own {
		if f.now == f.was || f.now.Since < f.now.Number {
			f.now = f.next()
		}
	} else {
		f.parted = coverage{}
	}
	f.recordAgain()
}

// countRestart counts a restart that the saved state is about to include.
func (f *family) countRestart() {
	if f.restarting {
		f.restarting = false
		f.events.restarts++
	}
}

// beforeDeletion records that the saved position of part is about to go back. The
// coverage of the followers in step is then unknown, and so is that of a follower that has
// lost its rows. The caller must hold part.mu.
func (f *family) beforeDeletion() {
	f.rendered = false
	f.countRestart()
	f.doc.encoder.change()
	for _, m := range f.followers {
		switch active := f.doc.isActive(m.table); {
		case m.truncated && !active:
			m.passed.forget()
			f.forget(m)
		case m.inStep && active:
			f.forget(m)
		}
	}
	if f.part == f.own {
		f.leaveBehind()
		f.own.saveReserved(followersKey, f.now)
	}
}

// step records the coverage of the followers for a save of part. It is called before
// the changes of part are saved. The caller must hold part.mu.
func (f *family) step() {
	f.rendered = false
	f.countRestart()
	f.doc.encoder.change()
	holds := f.doc.holdCount()
	moves := !f.moved && (f.now != f.was || f.part.moves())
	again := moves || f.stale || f.moved && f.holds != holds || len(f.joined) > 0 && f.now.Number == 0
	switch {
	case !again && len(f.joined) == 0:
	case f.part != f.own:
		f.moved, f.stale, f.joined = true, false, nil // see render
	case again:
		f.moved, f.stale, f.joined, f.holds = f.moved || moves, false, nil, holds
		f.recordAll(moves)
	default:
		for _, m := range f.joined {
			f.cover(m, coverage{Number: f.now.Number})
		}
		f.joined = nil
	}
}

// recordAll records the coverage of all followers for a save of own. If the position
// moves for the first time in this sync, it gets a new number.
func (f *family) recordAll(moves bool) {
	switch {
	case f.now.Number == 0:
		f.now = f.next()
	case moves && f.now.Number == f.first.Number:
		f.now.Number++
	}
	f.leaveBehind()
	for _, m := range f.followers {
		if m.inStep {
			f.cover(m, coverage{Number: f.now.Number})
		}
	}
	if f.now != f.was {
		f.own.setReserved(followersKey, f.now)
		f.was = f.now
	}
}

// leaveBehind records that the followers that the sync does not read stay at the saved
// position, while the carrier moves on.
func (f *family) leaveBehind() {
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) {
			continue
		}
		m.inStep = false
		if m.covered.Number != f.was.Number {
			continue
		}
		if m.covered.Position == nil && m.covered.Number != 0 { // it falls behind
			f.cover(m, coverage{Number: f.was.Number, Position: f.own.position(savedOf)})
		}
		if f.now.Number == f.was.Number {
			f.now.Number++ // its coverage must differ from that of followers in step
		}
	}
}

// cover saves the coverage of a follower.
func (f *family) cover(m *follower, c coverage) {
	c.Of = f.carrier.declaration().Name
	m.part.mu.Lock()
	defer m.part.mu.Unlock()
	m.part.recordColumns(false)
	if m.covered.equal(&c) {
		return
	}
	m.covered = c
	m.part.saveReserved(followsKey, c)
}

// forget saves that the coverage of a follower is unknown.
func (f *family) forget(m *follower) {
	m.covered = coverage{}
	m.part.mu.Lock()
	defer m.part.mu.Unlock()
	if m.part.entries.get(followsKey) != nil {
		m.part.saveReserved(followsKey, nil)
	}
}

// render saves the position of the followers that are read without the carrier. Part is
// then a copy, and only the parts of the followers store its position.
func (f *family) render() {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if !f.moved || f.rendered {
		return
	}
	f.rendered = true
	c := f.parted
	c.Position = f.part.position(savedOf)
	if f.again {
		c = coverage{Position: emptyObject}
	}
	for _, m := range f.followers {
		if m.inStep && f.doc.isActive(m.table) {
			f.cover(m, c)
		}
	}
}
