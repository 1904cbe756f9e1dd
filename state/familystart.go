package state

import (
	"encoding/json"
	"slices"
	"strings"
)

// readOwn reads what the parsed state says about the carrier. The caller must hold
// own.mu.
func (f *family) readOwn() {
	f.start = f.own.position(originOf)
	f.first, _ = reserved[carriage](f.own, followersKey)
	if f.passed = f.first.Passed; f.passed != nil {
		// The numbers begin again, above those of a state that was stored as a whole.
		number := f.doc.followed + 1
		f.first = carriage{Number: number, Since: number, Again: f.first.Again}
	}
	f.was, f.now = f.first, f.first
	f.own.family = f
	f.readPassed()
}

// readPassed determines the epoch of the carrier's positions. If a person has edited the
// position, it may be earlier than those in the list. Only the last hash is then kept. It
// stands for the edited position, so that followers in step are read from there, too.
func (f *family) readPassed() {
	if f.passed == nil {
		f.epoch = f.newEpoch()
		f.ownEpoch = f.epoch
		return
	}
	f.epoch, f.ownEpoch = f.passed.epoch, f.passed.epoch
	head, ok := f.passed.head()
	f.at = head
	if f.passed.migrated || !ok || !isEmptyObject(f.start) && hashPosition(f.doc.version, f.epoch, f.start) == head {
		return
	}
	f.passed.hashes, f.passed.earlier = []uint64{head}, place{}
	f.edited = true
}

// newEpoch returns an epoch for a carrier without a list of positions. It differs from
// those of all followers, whose positions cannot be compared with that of the carrier.
func (f *family) newEpoch() string {
	var epochs []string
	for _, m := range f.followers {
		if m.passed != nil {
			epochs = append(epochs, m.passed.epoch)
		}
	}
	if len(epochs) == 0 {
		return ""
	}
	slices.Sort(epochs)
	return nextEpoch(strings.Join(slices.Compact(epochs), " "), 0)
}

// beginUsed begins a family whose carrier the connector has already begun to read. The
// caller must hold own.mu.
func (f *family) beginUsed() {
	f.readOwn()
	f.fresh = isEmptyObject(f.start)
	f.begun.Store(true)
	f.doc.encoder.change()
}

// begin determines the position from which the sync starts. It is called when the
// connector uses the part of the carrier for the first time: the followers that the
// connector has declared before are then known.
func (f *family) begin() {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	if f.begun.Load() {
		return
	}
	f.readOwn()
	var selected []*follower
	for _, m := range f.followers {
		f.compare(m)
		if f.doc.isActive(m.table) {
			m.inStep = true
			selected = append(selected, m)
		}
	}
	read := listsOf(selected)
	switch {
	case f.doc.isActive(f.carrier):
		f.beginAll(selected)
		read = append(read, f.passed)
	case len(selected) > 0:
		f.beginFollowers(selected)
	}
	if f.fresh {
		for _, p := range read {
			p.forget()
		}
		// The connector may delete the rows, and a checkpoint of another table may send
		// the state before the first checkpoint of these tables. The state must not have
		// their old position then.
		if f.part == f.own {
			f.own.saveDeletions()
		}
		for _, m := range selected {
			f.forget(m)
		}
	}
	f.begun.Store(true)
	f.doc.encoder.change()
}

// beginAll determines the position from which the carrier starts for itself and
// for the selected followers.
func (f *family) beginAll(selected []*follower) {
	if f.edited { // the connector may read rows again
		head, _ := f.passed.head()
		f.epoch = nextEpoch(f.epoch, head)
	}
	f.lowered = true
	if isEmptyObject(f.start) {
		f.fresh = true
		f.now = f.next()
		return
	}
	position, known := f.startForAll(selected)
	switch {
	case !known || f.was.Again || f.differInValidators(f.start, selected):
		f.fresh = true
		f.own.setPosition(nil)
	case position != nil:
		f.fresh = isEmptyObject(position)
		f.own.setPosition(position)
	default:
		f.lowered = false
		return
	}
	f.now = f.next()
}

// startForAll returns the last position from which the carrier and the selected
// followers can be read without losing a row. It is nil if it is the carrier's own
// position. If there is none, known is false.
func (f *family) startForAll(selected []*follower) (position json.RawMessage, known bool) {
	if f.passed != nil {
		at, found := f.common(f.passed, selected)
		if !found {
			return nil, false
		}
		head, _ := f.passed.head()
		f.known, f.knownIn = []place{{head, f.start}, at}, f.passed.epoch
		for _, p := range append(listsOf(selected), f.passed) {
			p.start(at)
		}
		if at.hash == head {
			return nil, true
		}
		return at.position, true
	}
	lowest := f.was.Number
	for _, m := range selected {
		c := &m.covered
		switch {
		case !f.knows(c):
			return nil, false
		case c.Position == nil: // in step
		case c.Parted != nil && c.Number == f.was.Number:
			// The carrier has stayed where the follower parted from it.
		case c.Number <= lowest:
			lowest, position = c.Number, c.least()
		}
	}
	return position, true
}

// listsOf returns the lists of the followers.
func listsOf(followers []*follower) []*positionList {
	lists := make([]*positionList, len(followers))
	for i, m := range followers {
		lists[i] = m.passed
	}
	return lists
}

// beginFollowers makes a copy of the carrier's part for the selected followers.
func (f *family) beginFollowers(selected []*follower) {
	f.part = newPart(f.doc, f.own.name)
	f.part.family, f.part.carrier, f.part.truncated = f, f.carrier, f.truncated
	var position json.RawMessage
	if slices.ContainsFunc(selected, func(m *follower) bool { return m.passed != nil }) {
		f.parted, position = f.startForFollowers(selected)
	} else {
		f.parted, position = f.lowestOf(selected)
	}
	f.fresh, f.copied = isEmptyObject(position), position
	values, _ := readObject(position) // Parse has accepted it
	for key, raw := range values {
		f.part.entries.add(storedEntry(key, string(raw)))
	}
	f.doc.useCopy(f.carrier.id, f.part)
}

// startForFollowers is like lowestOf for followers whose parts were stored separately.
func (f *family) startForFollowers(selected []*follower) (coverage, json.RawMessage) {
	f.lowered = true
	head, hasHead := f.passed.head()
	first := selected[0]
	at, found := f.common(first.passed, selected[1:])
	if !found {
		return coverage{}, emptyObject
	}
	f.epoch = first.passed.epoch
	isCarrier := hasHead && at.hash == head && f.passed.epoch == f.epoch
	f.lowered = false
	for _, p := range listsOf(selected) {
		own, _ := p.head()
		f.lowered = f.lowered || own != at.hash
		if isCarrier || p.earlier.position == nil {
			// A later sync of the carrier may start there.
			p.earlier = at
		}
		p.start(place{})
	}
	f.at, f.known, f.knownIn = at.hash, []place{at}, f.epoch
	same := !slices.ContainsFunc(selected, func(m *follower) bool { return !m.covered.equal(&first.covered) })
	switch {
	case isCarrier:
		return coverage{Number: f.was.Number, Parted: at.position}, at.position
	case same && first.covered.Position != nil:
		return first.covered, at.position
	}
	return coverage{}, at.position
}

// compare computes the coverage of a follower from the lists of positions, if its part or
// that of the carrier was stored separately. Such parts have no numbers, so the coverage
// gets the carrier's number in this sync. The caller must hold own.mu.
func (f *family) compare(m *follower) {
	if f.passed == nil && m.passed == nil {
		return
	}
	position := m.covered.Position
	m.covered = coverage{Of: m.covered.Of, Position: position}
	if f.passed == nil || m.passed == nil || f.passed.epoch != m.passed.epoch {
		return
	}
	carrier, ok := f.passed.head()
	if own, _ := m.passed.head(); !ok || !m.passed.has(carrier) {
		return
	} else if own != carrier && position != nil {
		// The follower is further on.
		m.covered.Parted = f.start
	} else {
		m.covered.Position = nil
	}
	m.covered.Number = f.first.Number
}

// common returns the last position that all of the given tables have passed and of which
// a part of the family has a copy.
func (f *family) common(first *positionList, others []*follower) (at place, found bool) {
	if first == nil {
		return place{}, false
	}
	index, tables := make(map[uint64]int, len(first.hashes)), make(map[uint64]int, len(first.hashes))
	for i, h := range first.hashes {
		index[h], tables[h] = i, 1
	}
	for i, m := range others {
		if m.passed == nil || m.passed.epoch != first.epoch {
			return place{}, false
		}
		for _, h := range m.passed.hashes {
			if tables[h] == 1+i {
				tables[h]++
			}
		}
	}
	consider := func(p *positionList, position json.RawMessage) {
		if p == nil || p.epoch != first.epoch {
			return
		}
		own, _ := p.head()
		for _, c := range []place{{own, position}, p.earlier} {
			if c.position != nil && tables[c.hash] == 1+len(others) && (!found || index[c.hash] > index[at.hash]) {
				at, found = c, true
			}
		}
	}
	consider(f.passed, f.start)
	for _, m := range f.followers {
		consider(m.passed, m.covered.Position)
	}
	return at, found
}

// knows reports whether the position of a follower can be compared with that of the
// carrier.
func (f *family) knows(c *coverage) bool {
	return c.Number > 0 && c.Number >= f.was.Since && c.Number <= f.was.Number && (c.Position != nil || c.Number == f.was.Number)
}

// lowestOf returns the position from which the followers are read without the carrier,
// and their coverage when they are read from there.
func (f *family) lowestOf(selected []*follower) (coverage, json.RawMessage) {
	first := selected[0].covered
	same := !slices.ContainsFunc(selected, func(m *follower) bool { return !m.covered.equal(&first) })
	if !same || first.Position == nil {
		return f.lowest(selected)
	}
	position := first.Position
	if first.Parted == nil && first.Number > 0 {
		first.Parted = position
	}
	return first, position
}

// lowest returns the lowest position of the followers, and their coverage when
// they are read from there. If it is unknown, both are empty.
func (f *family) lowest(selected []*follower) (coverage, json.RawMessage) {
	lowest, position := f.was.Number, f.start
	for _, m := range selected {
		c := &m.covered
		switch {
		case !f.knows(c):
			return coverage{}, emptyObject
		case c.Position != nil && c.Number <= lowest:
			lowest, position = c.Number, c.least()
		}
	}
	return coverage{Number: lowest, Parted: position}, position
}

var emptyObject = json.RawMessage("{}")

func isEmptyObject(position json.RawMessage) bool { return len(position) <= len("{}") }

// next returns a carriage for a position that cannot be compared with any
// earlier one.
func (f *family) next() carriage {
	number := max(f.was.Number, f.now.Number, f.doc.followed)
	for _, m := range f.followers {
		number = max(number, m.covered.Number)
	}
	return carriage{Number: number + 1, Since: number + 1}
}
