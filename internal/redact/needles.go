package redact

import (
	"bytes"
	"math"
)

// needles finds out whether a text contains one of many byte strings, in a time that
// hardly depends on their number. It uses the algorithm of Wu and Manber: it looks at
// the last bytes of a window, and a table says how far the window can move on because no
// string has those bytes there. The window has the length of the shortest string, so it
// moves fast if all strings are long.
type needles struct {
	all      [][]byte
	shortest int
	window   int
	mask     int              // reduces a hash to an index of shift
	shift    []uint8          // by the hash of a block; nil for a single string and for very short ones
	ending   map[int][][]byte // the strings whose window ends with a block of the hash
}

const (
	blockBytes = 3
	// maxWindow is the length of the longest window, whose shifts fit into a byte.
	maxWindow = math.MaxUint8 + blockBytes - 1
	// minSlots and maxSlots bound the number of entries of the table.
	minSlots, maxSlots = 1 << 13, 1 << 18
)

// newNeedles returns the strings to look for. The search is slower if one of them is short.
func newNeedles(all [][]byte) *needles {
	n := &needles{all: all}
	if len(all) < 2 {
		return n
	}
	n.shortest = len(all[0])
	for _, needle := range all {
		n.shortest = min(n.shortest, len(needle))
	}
	if n.shortest < blockBytes {
		return n
	}
	n.window = min(n.shortest, maxWindow)
	slots := minSlots
	for slots < maxSlots && slots < 4*len(all)*n.window {
		slots *= 2
	}
	n.mask, n.ending = slots-1, map[int][][]byte{}
	n.shift = bytes.Repeat([]byte{uint8(n.window - blockBytes + 1)}, slots)
	for _, needle := range all {
		for end := blockBytes; end <= n.window; end++ {
			h := n.blockHash(needle, end)
			n.shift[h] = min(n.shift[h], uint8(n.window-end))
		}
		last := n.blockHash(needle, n.window)
		n.ending[last] = append(n.ending[last], needle)
	}
	return n
}

// blockHash returns the hash of the block of b that ends before the index end.
func (n *needles) blockHash(b []byte, end int) int { return n.hash(b[end-3], b[end-2], b[end-1]) }

// hash returns the hash of the block of three bytes.
func (n *needles) hash(a, b, c byte) int { return (int(a)<<10 ^ int(b)<<5 ^ int(c)) & n.mask }

// in reports whether text contains one of the strings. It does not allocate, except for a text
// that almost contains a long string many times.
func (n *needles) in(text []byte) bool {
	if n.shift == nil {
		for _, needle := range n.all {
			if bytes.Contains(text, needle) {
				return true
			}
		}
		return false
	}
	var vain misses[*byte]
	for end := n.window; end <= len(text)-n.shortest+n.window; {
		h := n.blockHash(text, end)
		if s := n.shift[h]; s > 0 {
			end += int(s)
			continue
		}
		for _, needle := range n.ending[h] {
			if rest := text[end-n.window:]; hasPrefix(rest, needle, &vain, len(text)) {
				return true
			}
		}
		end++
	}
	return false
}

// inKept is like in for the normal form of a text without escapes. It reads the text itself:
// most blocks of a text contain no character that the normal form drops, and the window can
// move on by as many bytes of the text as it can in the normal form, which has fewer.
func (n *needles) inKept(text []byte) bool {
	if len(n.all) == 0 {
		return false
	}
	if n.shift == nil {
		return n.inNormal(text)
	}
	effort := 0
	for end := n.window; end <= len(text)-n.shortest+n.window; {
		third, second, last, next := end-3, end-2, end-1, end
		if isUnusual[text[third]]|isUnusual[text[second]]|isUnusual[text[last]] != 0 {
			last = keptBefore(text, end)
			second = keptBefore(text, last)
			third = keptBefore(text, second)
			next = keptAfter(text, end)
			if third < 0 {
				end = next + 1
				continue
			}
		}
		h := n.hash(text[third], text[second], text[last])
		if s := n.shift[h]; s > 0 {
			end = next + int(s)
			continue
		}
		for _, needle := range n.ending[h] {
			found, size := hasKept(text, last, needle, n.window)
			if found {
				return true
			}
			effort += size
		}
		if effort > maxEffort*len(text) {
			return n.inNormal(text)
		}
		end = next + 1
	}
	return false
}

// maxEffort is the number of bytes that are compared in vain, for each byte of a text, before
// its normal form is searched.
const maxEffort = 8

// inNormal is like in for the normal form of a text without escapes.
func (n *needles) inNormal(text []byte) bool {
	normal := newNormal(text, false)
	defer normal.release()
	normal.drop()
	return n.in(normal.text)
}

// hasKept reports whether the normal form of a text contains a needle whose window ends with
// the byte at the index last, and the number of bytes that it has read.
func hasKept(text []byte, last int, needle []byte, window int) (found bool, read int) {
	from := last
	for i := window - 1; i >= 0; i-- {
		if from < 0 || text[from] != needle[i] {
			return false, last - from
		}
		from = keptBefore(text, from)
	}
	at := last + 1
	for _, c := range needle[window:] {
		if at = keptAfter(text, at); at == len(text) || text[at] != c {
			return false, at - from
		}
		at++
	}
	return true, at - from
}

// hasPrefix reports whether a text begins with a needle. If the needle has been compared in
// vain too often, hasPrefix reports once whether the text contains it, and then false.
func hasPrefix(text, needle []byte, vain *misses[*byte], size int) bool {
	if len(needle) <= longMiss {
		return bytes.HasPrefix(text, needle)
	}
	if len(text) < len(needle) || !bytes.HasPrefix(text, needle[:longMiss]) || vain.areExcessive(&needle[0], size) {
		return false
	}
	found := bytes.HasPrefix(text, needle)
	if !found && vain.add(&needle[0], len(needle), size) {
		occurrences(text, needle, func(span) bool {
			found = true
			return false
		})
	}
	return found
}
