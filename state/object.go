package state

import (
	"iter"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// An object is a JSON object of a state: a part, or the cursors of its partitions. Its
// entries are always sorted by key, and stand in blocks. A checkpoint encodes the blocks
// whose saved values have changed, and copies the bytes of the others.
type object struct {
	part   *Part
	owner  *entry // whose value the object is, or nil if the object is the part itself
	blocks []*block
	len    int
	index  map[string]*entry // by key; nil if there is only one block
}

// A block is a run of the entries of an object.
type block struct {
	object  *object
	entries []*entry // sorted by key; never empty
	// If encoded is true, the saved values of the entries are the bytes [from:to] of the
	// part in the last encoded state.
	encoded  bool
	from, to int
}

// maxBlock is the maximum number of entries in a block. One change makes a checkpoint
// encode that many entries.
const maxBlock = 64

// get returns the entry with the given key, or nil if there is none.
func (o *object) get(key string) *entry {
	switch {
	case o == nil || o.len == 0:
		return nil
	case o.index != nil:
		return o.index[key]
	}
	if i, found := o.blocks[0].find(key); found {
		return o.blocks[0].entries[i]
	}
	return nil
}

// find returns the position of a key in the block, or that at which it would be.
func (k *block) find(key string) (position int, found bool) {
	return slices.BinarySearchFunc(k.entries, key, func(e *entry, key string) int { return strings.Compare(e.key, key) })
}

// add adds an entry with a key that the object does not have.
func (o *object) add(e *entry) {
	o.len++
	if len(o.blocks) == 0 {
		o.blocks = []*block{{object: o}}
	}
	// The last block whose first key is not greater.
	at, _ := slices.BinarySearchFunc(o.blocks[1:], e.key, func(b *block, key string) int {
		if b.entries[0].key <= key {
			return -1
		}
		return 1
	})
	b := o.blocks[at]
	i, _ := b.find(e.key)
	if len(b.entries) == maxBlock {
		next := &block{object: o}
		if isLast := at == len(o.blocks)-1 && i == maxBlock; !isLast { // else, keys come in ascending order
			b.encoded = false
			next.entries = slices.Clone(b.entries[maxBlock/2:])
			clear(b.entries[maxBlock/2:])
			b.entries = b.entries[:maxBlock/2]
			for _, moved := range next.entries {
				moved.block = next
			}
		}
		o.blocks = slices.Insert(o.blocks, at+1, next)
		if i > len(b.entries) || len(next.entries) == 0 {
			b, i = next, i-len(b.entries)
		}
	}
	b.entries = slices.Insert(b.entries, i, e)
	e.block = b
	o.addToIndex(e)
}

// addToIndex adds an entry to the index. It makes the index when there are several blocks.
func (o *object) addToIndex(e *entry) {
	switch {
	case o.index != nil:
		o.index[e.key] = e
	case len(o.blocks) > 1:
		o.index = make(map[string]*entry, o.len)
		for e := range o.all() {
			o.index[e.key] = e
		}
	}
}

// fill adds entries to an empty object.
func (o *object) fill(entries []*entry) {
	byKey := func(a, b *entry) int { return strings.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(entries, byKey) { // a platform may store members in any order
		slices.SortFunc(entries, byKey)
	}
	o.len = len(entries)
	for run := range slices.Chunk(entries, maxBlock*3/4) { // with room for others
		b := &block{object: o, entries: slices.Clone(run)}
		for _, e := range run {
			e.block = b
		}
		o.blocks = append(o.blocks, b)
	}
	if len(entries) > 0 {
		o.addToIndex(entries[0])
	}
}

// remove removes an entry. Neither the current nor the saved state contains its value.
func (o *object) remove(e *entry) {
	b := e.block
	i, _ := b.find(e.key)
	b.entries = slices.Delete(b.entries, i, i+1)
	if len(b.entries) == 0 {
		at := slices.Index(o.blocks, b)
		o.blocks = slices.Delete(o.blocks, at, at+1)
	}
	delete(o.index, e.key)
	o.len--
	e.block = nil
}

// all returns the entries in the order of their keys. The object must not change in an
// iteration.
func (o *object) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if o == nil {
			return
		}
		for _, b := range o.blocks {
			for _, e := range b.entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// list is like all, but the object may change.
func (o *object) list() []*entry {
	if o == nil {
		return nil
	}
	entries := make([]*entry, 0, o.len)
	return slices.AppendSeq(entries, o.all())
}

// append appends the object with the value that which selects for each entry. It omits
// the entries without a value, and those for whose key skip returns true. The function
// skip may be nil.
func (o *object) append(b []byte, which func(*entry) value, skip func(key string) bool) []byte {
	b = append(b, '{')
	open := len(b)
	for e := range o.all() {
		if skip == nil || !skip(e.key) {
			b = appendMember(b, open, e, which(e), func(b []byte, o *object) []byte { return o.append(b, which, nil) })
		}
	}
	return append(b, '}')
}

// appendMember appends an entry with the given value to an object whose members begin at
// the offset open. If the entry has children, appendChildren appends them instead of the
// value. An entry without a value is omitted.
func appendMember(b []byte, open int, e *entry, v value, appendChildren func([]byte, *object) []byte) []byte {
	if e.children == nil && v.kind == isAbsent {
		return b
	}
	start := len(b)
	if start > open {
		b = append(b, ',')
	}
	b = append(rawjson.AppendString(b, e.key), ':')
	if e.children == nil {
		return v.append(b)
	}
	member := len(b)
	if b = appendChildren(b, e.children); len(b) == member+len("{}") {
		b = b[:start]
	}
	return b
}

// A lastPart is a part in the last encoded state.
type lastPart struct {
	bytes []byte
	base  int // the offset at which the part begins in the state that is being encoded
}

// appendSaved appends the object with the saved values. It copies the blocks that have not
// changed since the last state was encoded.
func (o *object) appendSaved(b []byte, last *lastPart) []byte {
	b = append(b, '{')
	open := len(b)
	for _, k := range o.blocks {
		start := len(b)
		if start > open {
			b = append(b, ',')
		}
		from := len(b)
		if k.encoded {
			b = append(b, last.bytes[k.from:k.to]...)
		} else {
			b = k.appendSaved(b, last)
		}
		if len(b) == from { // the block has no saved value
			b, k.from, k.to = b[:start], 0, 0
			continue
		}
		k.from, k.to = from-last.base, len(b)-last.base
	}
	return append(b, '}')
}

// appendSaved appends the saved values of a block. The blocks of children are in the
// bytes of this block, so it is not copied as a whole if it has any.
func (k *block) appendSaved(b []byte, last *lastPart) []byte {
	open := len(b)
	k.encoded = true
	for _, e := range k.entries {
		k.encoded = k.encoded && e.children == nil
		b = appendMember(b, open, e, e.saved, func(b []byte, o *object) []byte { return o.appendSaved(b, last) })
	}
	return b
}

// outdate records that the saved values of a block have changed. A block whose entries have
// children is never encoded, so that of the owner is not outdated.
func (k *block) outdate() {
	k.encoded = false
	k.object.part.outdate()
}
