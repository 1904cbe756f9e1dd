package state

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
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
	all    bool // whether there are too many hashes, so that the set contains all names
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

func (c *nameSet) empty() bool { return !c.all && len(c.hashes) == 0 }

func (c *nameSet) has(hash uint64) bool {
	_, ok := c.hashes[hash]
	return ok || c.all
}

func (c *nameSet) add(hash uint64) {
	if c.all {
		return
	}
	if c.hashes == nil {
		c.hashes = map[uint64]struct{}{}
	}
	c.hashes[hash] = struct{}{}
	if len(c.hashes) > maxCovered {
		c.hashes, c.all = nil, true
	}
}

func (c *nameSet) addAll(other *nameSet) {
	if other.all {
		c.hashes, c.all = nil, true
	}
	for h := range other.hashes {
		c.add(h)
	}
}

func (c *nameSet) remove(hash uint64) { delete(c.hashes, hash) }

// everyName is the text of a nameSet that contains all names.
const everyName = "*"

// text returns the set as text: the base64 encodings of its hashes in order.
func (c *nameSet) text() string {
	if c.all {
		return everyName
	}
	b := make([]byte, 0, hashSize*len(c.hashes))
	for _, h := range slices.Sorted(maps.Keys(c.hashes)) {
		for shift := 8 * (hashSize - 1); shift >= 0; shift -= 8 {
			b = append(b, byte(h>>shift))
		}
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseNameSet returns the set whose text is s.
func parseNameSet(s string) (c nameSet, err error) {
	if s == everyName {
		return nameSet{all: true}, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b)%hashSize != 0 {
		return c, errors.New("it is not a list of hashes")
	}
	for ; len(b) > 0; b = b[hashSize:] {
		c.add(packed(b[:hashSize]))
	}
	return c, nil
}
