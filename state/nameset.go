package state

import (
	"crypto/sha256"
	"maps"
	"slices"
)

// maxCovered is the maximum number of partitions that the state lists for a
// common cursor. The list then has a size of 400 kB.
const maxCovered = 50_000

// hashSize is the size of the hash of a partition's name in bytes. Among 50,000
// partitions, the probability that a new one has the hash of another one is
// about 2 to the power of -32. The size is a multiple of 3, so the base64
// encoding of a list is that of its elements.
const hashSize = 6

// A nameSet is a set of names of partitions. It contains their hashes, so that
// its size does not depend on the lengths of the names. The zero value is empty.
type nameSet struct {
	hashes map[uint64]struct{}
	sorted []uint64 // the hashes, or nil if hashes were added since text was called
	all    bool     // whether there are too many hashes, so that the set contains all names
}

// hashOf returns the hash of a name in its lowest bits.
func hashOf(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return packed(sum[:hashSize])
}

func packed(b []byte) (h uint64) {
	for _, c := range b {
		h = h<<8 | uint64(c)
	}
	return h
}

func (s *nameSet) empty() bool { return !s.all && len(s.hashes) == 0 }

func (s *nameSet) has(hash uint64) bool {
	_, ok := s.hashes[hash]
	return ok || s.all
}

func (s *nameSet) add(hash uint64) {
	if s.all {
		return
	}
	if s.hashes == nil {
		s.hashes = map[uint64]struct{}{}
	}
	s.hashes[hash], s.sorted = struct{}{}, nil
	if len(s.hashes) > maxCovered {
		s.hashes, s.all = nil, true
	}
}

func (s *nameSet) addAll(other *nameSet) {
	if other.all {
		s.hashes, s.all = nil, true
	}
	for h := range other.hashes {
		s.add(h)
	}
}

// remove removes a hash. Sorting the others again would make a sync that removes many
// partitions, with a checkpoint after each, much slower.
func (s *nameSet) remove(hash uint64) {
	delete(s.hashes, hash)
	if i, found := slices.BinarySearch(s.sorted, hash); found {
		s.sorted = slices.Delete(s.sorted, i, i+1)
	}
}

// everyName is the text of a nameSet that contains all names.
const everyName = "*"

// text returns the set as text: the base64 encodings of its hashes in order.
func (s *nameSet) text() string {
	if s.all {
		return everyName
	}
	if s.sorted == nil {
		s.sorted = slices.Sorted(maps.Keys(s.hashes))
	}
	return hashText(s.sorted...)
}

// parseNameSet returns the set with the given text.
func parseNameSet(text string) (s nameSet, err error) {
	if text == everyName {
		return nameSet{all: true}, nil
	}
	hashes, err := parseHashes(text)
	for _, h := range hashes {
		s.add(h)
	}
	return s, err
}
