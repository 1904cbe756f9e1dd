package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// A list keeps the last recentPositions positions, because the parts of an
	// interrupted sync are usually few checkpoints apart. Of older positions, it keeps one
	// in sampleEvery on average, up to sampledPositions.
	recentPositions  = 32
	sampledPositions = 64
	sampleEvery      = 16
	// maxEarlier is the maximum size in bytes of the copy of an earlier position.
	maxEarlier = 4 << 10
)

// A positionList states from which positions a sync can start without losing a row of a
// table: the position of the table and positions that it passed before. The list does not
// depend on other tables: the rows of this table up to its position are stored. If these
// rows are deleted, the list is emptied. The zero positionList is empty.
//
// The list identifies a position by a hash, because copies of all positions would be too
// large. The hash alone decides whether a list keeps an older position (see isSample), so
// the lists of different tables keep the same ones.
type positionList struct {
	// epoch changes when the connector deletes a position, because it may then read rows
	// again. Positions of different epochs cannot be compared. The epoch is part of each
	// hash.
	epoch   string
	hashes  []uint64 // oldest first; the last is that of the table's position
	earlier place    // a copy of one of the positions; its position may be nil
	// migrated is set if a migration has been applied since the position was hashed. It
	// may have changed the form of positions, so the list has no copy of any.
	migrated bool

	last place // the last position, or zero if it is larger than maxEarlier

	startHashes  []uint64 // the hashes when the sync began
	startEarlier place    // likewise
}

// A place is a position and its hash.
type place struct {
	hash     uint64
	position json.RawMessage
}

// hashPosition returns the hash of a position in a state of the given version. It does not
// depend on the order of members and on white space, which a platform may change.
func hashPosition(version int, epoch string, position json.RawMessage) uint64 {
	v := jsontext.Value(bytes.Clone(position))
	_ = v.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)) // it is valid JSON
	sum := sha256.Sum256(append(fmt.Appendf(nil, "%s\x00%d\x00", epoch, version), v...))
	return packed(sum[:hashSize])
}

// nextEpoch returns the epoch that follows one when the position with the given hash
// is deleted.
func nextEpoch(epoch string, hash uint64) string {
	sum := sha256.Sum256(append([]byte(epoch+"\x00"), hashText(hash)...))
	return base64.RawURLEncoding.EncodeToString(sum[:hashSize])
}

// isSample reports whether a list keeps a hash that is no longer among the last ones.
func isSample(hash uint64) bool { return hash%sampleEvery == 0 }

// head returns the hash of the table's position. If the position is empty, or if there
// is no list, ok is false.
func (p *positionList) head() (hash uint64, ok bool) {
	if p == nil || len(p.hashes) == 0 {
		return 0, false
	}
	return p.hashes[len(p.hashes)-1], true
}

// has reports whether the table has passed the position with a hash.
func (p *positionList) has(hash uint64) bool { return slices.Contains(p.hashes, hash) }

// start remembers the list at the beginning of a sync, for goBack. If from has a position,
// the sync reads the table from there, and the list keeps a copy of it.
func (p *positionList) start(from place) {
	if from.position != nil && len(from.position) <= maxEarlier {
		p.earlier = from
	}
	p.startHashes, p.startEarlier = slices.Clone(p.hashes), p.earlier
}

// goBack restores the list that the sync started with. It is called when the rows turn out
// not to be sorted: the sync has then passed positions before it delivered all of their
// rows.
func (p *positionList) goBack() {
	p.hashes, p.earlier, p.last = slices.Clone(p.startHashes), p.startEarlier, place{}
}

// enter moves the list to an epoch. If that is another epoch, the list is emptied.
func (p *positionList) enter(epoch string) {
	if p.epoch != epoch {
		*p = positionList{epoch: epoch}
	}
}

// forget empties the list. It is called when rows are deleted, and when a table is read
// from the beginning, because the connector may then delete the rows of earlier syncs.
func (p *positionList) forget() {
	if p != nil {
		*p = positionList{epoch: p.epoch}
	}
}

// add records that the table has reached a position.
func (p *positionList) add(at place) {
	p.migrated = false
	if isEmptyObject(at.position) {
		p.hashes, p.earlier, p.last = nil, place{}, place{}
		return
	}
	if h, ok := p.head(); ok && h == at.hash {
		return
	}
	if p.last.position != nil && isSample(p.last.hash) {
		p.earlier = p.last
	}
	p.last = place{}
	if len(at.position) <= maxEarlier {
		p.last = at
	}
	p.hashes = slices.DeleteFunc(p.hashes, func(h uint64) bool { return h == at.hash })
	p.hashes = append(p.hashes, at.hash)
	if i := len(p.hashes) - 1 - recentPositions; i >= 0 && !isSample(p.hashes[i]) {
		p.hashes = slices.Delete(p.hashes, i, i+1)
	}
	if len(p.hashes) > recentPositions+sampledPositions {
		p.hashes = slices.Delete(p.hashes, 0, 1)
	}
}

// withoutCopies removes the copies of positions. A migration does not convert them, so
// their form may be an old one.
func (p *positionList) withoutCopies() { p.earlier, p.migrated = place{}, true }

// A storedPositionList is the JSON form of a positionList.
type storedPositionList struct {
	Epoch    string         `json:"epoch,omitzero"`
	Hashes   string         `json:"hashes,omitzero"`
	Earlier  *storedEarlier `json:"earlier,omitzero"`
	Migrated bool           `json:"migrated,omitzero"`
}

type storedEarlier struct {
	Hash     string          `json:"hash"`
	Position json.RawMessage `json:"position"`
}

// MarshalJSON implements [json.Marshaler].
func (p *positionList) MarshalJSON() ([]byte, error) {
	s := storedPositionList{Epoch: p.epoch, Hashes: hashText(p.hashes...), Migrated: p.migrated}
	if p.earlier.position != nil {
		s.Earlier = &storedEarlier{Hash: hashText(p.earlier.hash), Position: p.earlier.position}
	}
	return json.Marshal(s)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (p *positionList) UnmarshalJSON(data []byte) error {
	var s storedPositionList
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	hashes, err := parseHashes(s.Hashes)
	if err != nil {
		return err
	}
	*p = positionList{epoch: s.Epoch, hashes: hashes, migrated: s.Migrated}
	if s.Earlier != nil {
		hash, err := parseHashes(s.Earlier.Hash)
		if err != nil || len(hash) != 1 {
			return errors.New("the earlier position does not have one hash")
		}
		p.earlier = place{hash[0], s.Earlier.Position}
	}
	p.start(place{})
	return nil
}

// hashText encodes hashes as text.
func hashText(hashes ...uint64) string {
	b := make([]byte, 0, hashSize*len(hashes))
	for _, h := range hashes {
		for shift := 8 * (hashSize - 1); shift >= 0; shift -= 8 {
			b = append(b, byte(h>>shift))
		}
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseHashes decodes a text that hashText has returned.
func parseHashes(text string) ([]uint64, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b)%hashSize != 0 {
		return nil, errors.New("it is not a list of hashes")
	}
	hashes := make([]uint64, 0, len(b)/hashSize)
	for ; len(b) > 0; b = b[hashSize:] {
		hashes = append(hashes, packed(b[:hashSize]))
	}
	return hashes, nil
}
