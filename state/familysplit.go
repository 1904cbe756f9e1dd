package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A familySnapshot holds what a later split of a snapshot needs to know about a family
// and the saved state does not contain.
type familySnapshot struct {
	family    *family
	followers []*follower
	events    events
}

// snapshotFamilies returns the families of the document.
func (d *Document) snapshotFamilies() []familySnapshot {
	d.mu.Lock()
	families := slices.Collect(maps.Values(d.families))
	d.mu.Unlock()
	all := make([]familySnapshot, 0, len(families))
	for _, f := range families {
		f.own.mu.Lock()
		unlock := f.lockCopy()
		all = append(all, familySnapshot{f, f.followers, f.events})
		unlock()
		f.own.mu.Unlock()
	}
	return all
}

// A familySplit splits the parts of a family.
type familySplit struct {
	*family
	isOld    bool // a later snapshot has already been split
	carrier  *splitPart
	carriage carriage        // in the part of the carrier
	position json.RawMessage // in the part of the carrier
	at       uint64          // its hash
	number   int             // of the followers in step
}

// splitParts splits the parts of a family. It does not change a part whose coverage this
// sync has not saved, because an earlier sync has already split it.
func (f *family) splitParts(s familySnapshot, sequence int, parts map[string]*SavedPart) {
	f.own.mu.Lock()
	defer f.own.mu.Unlock()
	if !f.begun.Load() {
		return
	}
	w := &familySplit{family: f, isOld: sequence < f.sequence, carrier: readPart(parts[f.own.name], followersKey)}
	f.sequence = max(f.sequence, sequence)
	if w.carrier != nil && json.Unmarshal(w.carrier.members[followersKey], &w.carriage) == nil {
		w.position, w.number = w.carrier.position(), w.carriage.Number
		if w.carriage.Passed != nil {
			w.at, _ = w.carriage.Passed.head()
			w.number = f.first.Number
		}
	}
	if !w.isOld {
		f.include(s)
	}
	var followers []*splitFollower
	for _, m := range s.followers {
		if p := readPart(parts[m.part.name], followsKey); p != nil {
			followers = append(followers, &splitFollower{follower: m, part: p})
		}
	}
	followers = slices.DeleteFunc(followers, func(m *splitFollower) bool { return !w.reads(m) })
	w.splitCarrier(followers)
	for _, m := range followers {
		w.splitFollower(m)
	}
}

// include applies the events since the last split to the lists of positions.
func (f *family) include(s familySnapshot) {
	if s.events.violations != f.split.violations {
		if f.part == f.own && f.passed != nil {
			f.passed.goBack()
		}
		for _, m := range s.followers {
			if m.inStep && m.passed != nil {
				m.passed.goBack()
			}
		}
	}
	if s.events.restarts != f.split.restarts {
		f.epoch = nextEpoch(f.epoch, f.at)
	}
	f.split = s.events
}

// A splitFollower is a follower whose part is being split.
type splitFollower struct {
	*follower
	part     *splitPart
	coverage coverage // in the part
}

// reads decodes the coverage of a follower and reports whether its part must be split.
func (w *familySplit) reads(m *splitFollower) bool {
	c := &m.coverage
	if json.Unmarshal(m.part.members[followsKey], c) != nil || c.Passed != nil {
		return false
	}
	id, err := w.doc.id(c.Of)
	return err == nil && id == w.family.carrier.id && (c.Position != nil || w.isInStep(c))
}

// isInStep reports whether a coverage says that the follower is at the carrier's position.
func (w *familySplit) isInStep(c *coverage) bool {
	return c.Position == nil && c.Number > 0 && c.Number == w.number
}

// list returns the list of positions that of points to. If there is none, it makes one in
// the given epoch. For an old snapshot, it returns a new list, which is not kept.
func (w *familySplit) list(of **positionList, epoch string) *positionList {
	if w.isOld { // the list may have positions that this snapshot has not reached
		return &positionList{epoch: nextEpoch(w.epoch, w.family.at)}
	}
	if *of == nil {
		*of = &positionList{epoch: epoch}
	}
	return *of
}

// splitCarrier splits the part of the carrier.
func (w *familySplit) splitCarrier(followers []*splitFollower) {
	if w.carrier == nil || w.carriage.Passed != nil {
		return
	}
	p := w.list(&w.passed, w.ownEpoch)
	if w.part == w.own && !w.isOld {
		p.enter(w.epoch)
	}
	for _, m := range followers {
		if c := &m.coverage; c.Parted == nil && c.Position != nil && c.Number >= w.carriage.Since && c.Number < w.number {
			// The carrier was at this position when the follower fell behind. That may
			// have been between two snapshots, so the list may lack the position.
			if at := w.place(p.epoch, c.Position); !p.has(at.hash) {
				p.add(at)
			}
		}
	}
	at := w.place(p.epoch, w.position)
	w.at = at.hash
	p.add(at)
	if w.part == w.own && !w.isOld {
		w.family.at = at.hash
	}
	w.carrier.set(followersKey, appendSplit(nil, p, func(b []byte) []byte {
		if w.carriage.Again {
			b = append(b, `"again":true,`...)
		}
		return b
	}))
}

// splitFollower splits the part of a follower.
func (w *familySplit) splitFollower(m *splitFollower) {
	c := &m.coverage
	alone := w.part != w.own && m.inStep
	epoch := w.epoch
	switch {
	case alone:
	case w.passed != nil:
		epoch = w.passed.epoch
	case w.carriage.Passed != nil:
		epoch = w.carriage.Passed.epoch
	}
	isInStep := w.isInStep(c)
	if !isInStep && !alone && (c.Number == 0 || c.Number < w.carriage.Since) {
		epoch = nextEpoch(epoch, 0) // the position cannot be compared with that of the carrier
	}
	p := w.list(&m.passed, epoch)
	if (isInStep || alone) && !w.isOld {
		p.enter(epoch)
	}
	at := place{w.at, w.position}
	if !isInStep {
		at = w.place(p.epoch, c.Position)
	}
	p.add(at)
	if alone && !w.isOld {
		w.family.at = at.hash
	}
	m.part.set(followsKey, appendSplit(nil, p, func(b []byte) []byte {
		b = append(rawjson.AppendString(append(b, `"of":`...), c.Of), `,"position":`...)
		return append(append(b, at.position...), ',')
	}))
}

// place returns a position with its hash. It uses a known hash if there is one, because
// hashing a large position takes long.
func (w *familySplit) place(epoch string, position json.RawMessage) place {
	if epoch == w.knownIn {
		for _, k := range w.known {
			if bytes.Equal(k.position, position) {
				return place{k.hash, position}
			}
		}
	}
	return place{hashPosition(w.doc.version, epoch, position), position}
}

// appendSplit appends a JSON object that ends with a list of positions.
func appendSplit(b []byte, p *positionList, appendOthers func([]byte) []byte) json.RawMessage {
	raw, _ := p.MarshalJSON() // the copies have been parsed from JSON
	b = append(appendOthers(append(b, '{')), `"passed":`...)
	return append(append(b, raw...), '}')
}
