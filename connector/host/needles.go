package host

import "bytes"

// needles finds out whether a text contains one of many byte strings, in a time that
// hardly depends on their number. It uses the algorithm of Wu and Manber: it looks at
// the last bytes of a window of minNeedle bytes, and a table says how far the window can
// move on because no string has those bytes there.
type needles struct {
	all      [][]byte
	shortest int
	shift    []uint8          // by the hash of a block; nil for a few strings
	ending   map[int][][]byte // the strings whose first minNeedle bytes end with a block of the hash
}

const (
	minNeedle  = rowSecret // the minimum length of a string
	blockBytes = 3
	blockSlots = 1 << 13
	// fewNeedles is the number of strings up to which searching for one after the other
	// is faster.
	fewNeedles = 2
)

// newNeedles returns the strings to look for. Each has at least minNeedle bytes.
func newNeedles(all [][]byte) needles {
	n := needles{all: all}
	if len(all) <= fewNeedles {
		return n
	}
	n.shortest = len(all[0])
	n.shift, n.ending = bytes.Repeat([]byte{minNeedle - blockBytes + 1}, blockSlots), map[int][][]byte{}
	for _, needle := range all {
		n.shortest = min(n.shortest, len(needle))
		for end := blockBytes; end <= minNeedle; end++ {
			h := blockHash(needle, end)
			n.shift[h] = min(n.shift[h], uint8(minNeedle-end))
		}
		last := blockHash(needle, minNeedle)
		n.ending[last] = append(n.ending[last], needle)
	}
	return n
}

// blockHash returns the hash of the block of b that ends before the index end.
func blockHash(b []byte, end int) int {
	return (int(b[end-3])<<10 ^ int(b[end-2])<<5 ^ int(b[end-1])) & (blockSlots - 1)
}

// in reports whether text contains one of the strings. It does not allocate.
func (n *needles) in(text []byte) bool {
	if n.shift == nil {
		for _, needle := range n.all {
			if bytes.Contains(text, needle) {
				return true
			}
		}
		return false
	}
	for end := minNeedle; end <= len(text)-n.shortest+minNeedle; {
		h := blockHash(text, end)
		if s := n.shift[h]; s > 0 {
			end += int(s)
			continue
		}
		for _, needle := range n.ending[h] {
			if bytes.HasPrefix(text[end-minNeedle:], needle) {
				return true
			}
		}
		end++
	}
	return false
}
