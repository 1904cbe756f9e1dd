package jsonvalue

import (
	"reflect"
	"unsafe"
)

// A block holds the elements of the lists that a [directReader] has read last. A block of
// several lists takes less time to allocate than each list of its own does. A list never
// grows into the next one, because its capacity is its length.
type block struct {
	elements reflect.Value  // a slice
	start    unsafe.Pointer // of its first element
	used     int
	size     int // the number of elements
	// lent reports that a list is being read into the block, or that this is the block of a
	// list within that list, which has none in common with others.
	lent bool
	from int // the position in all texts at which the first list began
}

const (
	// minBlock is the number of elements of the first block, if it is not larger than
	// maxBlock. Later blocks are larger, since more lists have followed.
	minBlock = 4
	// maxBlock is the size in bytes up to which a block is made for several lists.
	maxBlock = 2 << 10
	// maxDoubled is the length up to which the room for a list doubles.
	maxDoubled = 1 << 10
	// maxBlockText is the size of the texts whose lists are in one block. Whoever keeps one
	// of the lists keeps the values of the others in memory.
	maxBlockText = 32 << 10
)

// A sliceHeader is a slice of any type.
type sliceHeader struct {
	start    unsafe.Pointer
	length   int
	capacity int
}

// list reads an array into the slice at v.
func (r *directReader) list(t *target, v unsafe.Pointer) bool {
	start := r.pos
	r.pos++
	if r.next() == ']' {
		r.pos++
		*(*sliceHeader)(v) = t.empty
		return true
	}
	b := r.blocks[t.list]
	r.blocks[t.list].lent = true // an element may have lists of the same type
	if b.lent {
		b = block{lent: true}
	} else if r.read+r.pos-b.from > maxBlockText {
		b = block{size: b.size, used: b.size, from: r.read + r.pos}
	}
	first := b.used
	size := t.element.typ.Size()
	for n := 1; ; n++ {
		if b.used == b.size {
			first = b.grow(t, first)
		}
		element := unsafe.Add(b.start, uintptr(b.used)*size)
		b.used++
		r.next()
		if !r.value(t.element, element) {
			return false
		}
		switch r.next() {
		case ',':
			r.pos++
		case ']':
			r.pos++
			if first > 0 && r.pos-start > maxBlockText && !t.keepsAddress {
				first = b.grow(t, first)
			}
			*(*sliceHeader)(v) = sliceHeader{unsafe.Add(b.start, uintptr(first)*size), n, n}
			if !b.lent {
				r.blocks[t.list] = b
			}
			return true
		default:
			return false
		}
	}
}

// takeBack ends the lists that were being read when the reader gave up. The rest of their
// blocks is not used, because it is not zero.
func (r *directReader) takeBack() {
	for i := range r.blocks {
		if b := &r.blocks[i]; b.lent {
			b.lent, b.used = false, b.size
		}
	}
}

// grow replaces a full block by a larger one with the elements from first on, which belong to
// the list that is being read. It returns their new index.
func (b *block) grow(t *target, first int) int {
	kept := b.used - first
	size := max(1, 2*kept)
	if kept > maxDoubled {
		size = kept + kept/4
	}
	if several := maxBlock / int(max(1, t.element.typ.Size())); !b.lent && size < several {
		size = max(size, min(max(minBlock, 2*b.size), several))
	}
	elements := reflect.MakeSlice(t.typ, size, size)
	if kept > 0 {
		moved := b.elements.Slice(first, b.used)
		reflect.Copy(elements, moved)
		if first > 0 && !t.keepsAddress {
			moved.Clear() // the lists before them must not keep what they refer to in memory
		}
	}
	b.elements, b.start, b.size, b.used = elements, elements.UnsafePointer(), size, kept
	return 0
}
