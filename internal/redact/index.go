package redact

import (
	"bytes"
	"encoding/binary"
)

// An index finds patterns in text. It is a hash table of the blocks of blockSize bytes at
// regular offsets of each pattern, so that it finds a part of a pattern as well. A search
// looks up the block at each position of the text.
type index struct {
	heads  []int32 // by hash, the number of a block, or 0
	blocks []block // the first one is not used
	shift  uint    // reduces a hash to an index of heads
	short  []*indexed
}

const blockSize = 8

// An indexed is a pattern of the secret with a number in a Set.
type indexed struct {
	*pattern
	secret int
}

type block struct {
	key    uint64
	in     *indexed
	offset int32
	next   int32 // the number of the next block with the same hash, or 0
}

// A source is the origin of a text. It decides which patterns, and which parts of them, the
// text is searched for.
type source uint8

const (
	data   source = iota // JSON data: whole patterns, except those that are only for text
	uncut                // a text that was not truncated: also parts of minPart bytes
	people               // a text for people: also parts of minCut bytes where it was cut
)

// A match is a part of a text that contains a secret or a part of one.
type match struct {
	span
	in *indexed
}

// newIndex returns an index of the patterns.
func newIndex(all []*indexed) *index {
	total := 1
	for _, p := range all {
		total += (len(p.text) + blockSize - 1) / blockSize
	}
	bits := uint(8)
	for 1<<bits < 4*total {
		bits++
	}
	x := &index{heads: make([]int32, 1<<bits), blocks: make([]block, 1, total), shift: 64 - bits}
	for _, p := range all {
		last := len(p.text) - blockSize
		if last < 0 {
			x.short = append(x.short, p)
			continue
		}
		for offset := 0; offset < last; offset += blockSize {
			x.add(p, offset)
		}
		x.add(p, last)
	}
	return x
}

// add adds the block of a pattern at an offset.
func (x *index) add(p *indexed, offset int) {
	key := binary.LittleEndian.Uint64([]byte(p.text[offset : offset+blockSize]))
	h := x.hash(key)
	// A periodic pattern has the same block many times. The first and the last one find
	// all matches.
	var latest *block
	for i := x.heads[h]; i != 0 && x.blocks[i].in == p; i = x.blocks[i].next {
		if b := &x.blocks[i]; b.key == key && latest == nil {
			latest = b
		} else if b.key == key {
			latest.offset = int32(offset)
			return
		}
	}
	x.blocks = append(x.blocks, block{key: key, in: p, offset: int32(offset), next: x.heads[h]})
	x.heads[h] = int32(len(x.blocks) - 1)
}

func (x *index) hash(block uint64) uint64 { return block * 0x9e3779b97f4a7c15 >> x.shift }

// search calls found for each match in a text of the given kinds, until it returns false.
// The short patterns are not searched.
//
// A long pattern and a text that repeat themselves are alike at very many positions. Once the
// pattern has been compared in vain too often, data is searched for it in another way, and
// a long part of it in a text for people counts as a match.
func (x *index) search(text []byte, where where, of source, found func(match) bool) {
	var vain misses[*indexed]
	var late []*indexed // the patterns to look for afterwards
	for at := 0; at+blockSize <= len(text); at++ {
		key := binary.LittleEndian.Uint64(text[at:])
		end := 0
		for i := x.heads[x.hash(key)]; i != 0; i = x.blocks[i].next {
			b := &x.blocks[i]
			if b.key != key || b.in.where&where == 0 || of == data && !b.in.data {
				continue
			}
			excessive := vain.areExcessive(b.in, len(text))
			if excessive && of == data {
				continue
			}
			s, offset := extend(text, at, b)
			if long := s.to-s.from >= longMiss; !b.in.matches(text, s, offset, of) && (!long || !excessive) {
				if long && vain.add(b.in, s.to-s.from, len(text)) && of == data {
					late = append(late, b.in)
				}
				continue
			}
			if !found(match{s, b.in}) {
				return
			}
			end = max(end, s.to)
		}
		// Another pattern that ends later has a block that ends later.
		at = max(at, end-blockSize)
	}
	for _, p := range late {
		goOn := true
		occurrences(text, p.text, func(s span) bool {
			goOn = found(match{s, p})
			return goOn
		})
		if !goOn {
			return
		}
	}
}

// extend returns the longest span of text that equals a part of the pattern, with the block
// at the position at, and the offset in the pattern at which that part starts.
func extend(text []byte, at int, b *block) (s span, offset int) {
	pattern := b.in.text
	from, offset := at, int(b.offset)
	for from > 0 && offset > 0 && text[from-1] == pattern[offset-1] {
		from, offset = from-1, offset-1
	}
	to, end := at+blockSize, int(b.offset)+blockSize
	for to < len(text) && end < len(pattern) && text[to] == pattern[end] {
		to, end = to+1, end+1
	}
	return span{from, to}, offset
}

// matches reports whether a span that equals the part of the pattern at the offset is a
// match.
func (p *pattern) matches(text []byte, s span, offset int, of source) bool {
	size := s.to - s.from
	if size == len(p.text) {
		return true
	}
	if of == data || p.public < 0 {
		return false
	}
	size -= max(0, p.public-offset) // the secret bytes among them
	if p.anywhere && size >= minPart {
		return true
	}
	return of == people && size >= p.cut && (offset == 0 || p.tail && cutBefore(text[:s.from])) &&
		(offset+s.to-s.from == len(p.text) || cutAfter(text[s.to:]))
}

// ellipses show that a text was cut, or that a part of it was left out. The last one is from
// package net/url, which takes a password with a slash in the wrong place for a port.
var ellipses = [][]byte{
	[]byte("..."), []byte("…"), []byte("‥"), []byte("%E2%80%A6"), []byte(`\u2026`), []byte("truncated"), []byte("more bytes"),
	[]byte("**"), []byte(Mask), []byte("\" after host"),
}

// maxRest is the number of bytes between a part of a secret and the place where the text was
// cut: closing quotes, and the rest of an escape.
const maxRest = 8

// cutAfter reports whether a text was cut before the rest.
func cutAfter(rest []byte) bool {
	if len(rest) <= maxRest {
		return true
	}
	near := rest[:min(len(rest), maxRest+len(Mask))]
	for _, ellipsis := range ellipses {
		if at := bytes.Index(near, ellipsis); at >= 0 && at <= maxRest {
			return true
		}
	}
	return false
}

// cutBefore reports whether a text was cut after the start.
func cutBefore(start []byte) bool {
	if len(start) <= maxRest {
		return true
	}
	near := start[max(0, len(start)-maxRest-len(Mask)):]
	for _, ellipsis := range ellipses {
		if at := bytes.LastIndex(near, ellipsis); at >= 0 && len(near)-at-len(ellipsis) <= maxRest {
			return true
		}
	}
	return false
}

// searchShort is [index.search] for the short patterns, which have fewer than blockSize bytes.
func (x *index) searchShort(text []byte, where where, found func(match) bool) {
	for _, p := range x.short {
		if p.where&where == 0 {
			continue
		}
		for from := 0; ; {
			at := bytes.Index(text[from:], []byte(p.text))
			if at < 0 {
				break
			}
			from += at + len(p.text)
			if !found(match{span{from - len(p.text), from}, p}) {
				return
			}
		}
	}
}
