package state

import (
	"bytes"
	"encoding/json"
)

// recentShared is the maximum number of shared positions that the part of a table lists.
const recentShared = 8

// A separateCoverage replaces the number of the shared position in a part that is stored
// separately, because all checkpoints of a sync have the same number. In the shared part,
// it identifies the position. In the part of a table, it lists the shared positions that
// cover the table.
type separateCoverage struct {
	Passed *positionList `json:"passed"`
}

// splitParts replaces the number of the shared position with its hash, in the shared part
// and in those of the tables. It does not change a part that an earlier sync has split.
func (s *sharedPosition) splitParts(snapshot *Snapshot, parts map[string]*SavedPart) {
	d := snapshot.doc
	shared := readPart(parts[SharedName], numberKey)
	if shared == nil {
		return
	}
	p := d.sharedPart()
	p.mu.Lock()
	defer p.mu.Unlock()
	at := place{position: shared.position()}
	number := 0
	switch {
	case json.Unmarshal(shared.members[numberKey], &number) != nil: // an earlier sync has split it
		if s.from == nil {
			return
		}
		number, at.hash = s.was, s.from.hash
	case isEmptyObject(at.position):
		return
	default:
		if s.from != nil && bytes.Equal(s.from.position, at.position) {
			at.hash = s.from.hash
		} else {
			at.hash = hashPosition(d.version, "", at.position)
		}
		shared.set(numberKey, appendSeparate(&positionList{hashes: []uint64{at.hash}}))
	}
	isOld := snapshot.sequence < s.sequence
	s.sequence = max(s.sequence, snapshot.sequence)
	for _, t := range d.declared() {
		own := d.lookUp(t)
		if own == nil {
			continue
		}
		part, covered := readPart(parts[own.name], coveredKey), 0
		if part == nil || json.Unmarshal(part.members[coveredKey], &covered) != nil || covered != number {
			continue
		}
		if t.passed == nil {
			t.passed = &positionList{}
		}
		list := t.passed
		if isOld { // the list may have positions that this snapshot has not reached
			list = &positionList{}
		}
		list.add(at)
		list.earlier = place{} // a sync starts only from the position in the shared part
		list.hashes = list.hashes[max(0, len(list.hashes)-recentShared):]
		part.set(coveredKey, appendSeparate(list))
	}
}

func appendSeparate(p *positionList) json.RawMessage {
	raw, _ := json.Marshal(separateCoverage{p}) // a list of hashes
	return raw
}
