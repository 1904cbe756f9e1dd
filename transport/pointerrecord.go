package transport

import (
	"hash/maphash"
	"strings"
	"sync"
)

// A pointer is the path to the next page in the responses to a request path. A part of
// the request path that contains a digit is a *, since it identifies a record in most
// sources: all lists of the children of records have the same pointer.
type pointer struct{ path, at string }

func pointerKey(p *Page, at string) pointer { return pointer{withoutNumbers(p.URL.EscapedPath()), at} }

func withoutNumbers(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.ContainsAny(part, "0123456789") {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// A pointerRecord remembers the pointers that have had a value, and those that have been
// warned of. It is safe for concurrent use. The zero pointerRecord is empty.
type pointerRecord struct {
	mu     sync.Mutex
	found  map[uint64]bool // the hashes of pointers, since a source may choose their paths
	warned map[uint64]bool
}

var pointerSeed = maphash.MakeSeed()

func (k pointer) hash() uint64 { return maphash.Comparable(pointerSeed, k) }

// maxPointers is the number of pointers that a pointerRecord remembers. It ignores further
// ones. A client has that many only if its request paths contain the names of records.
const maxPointers = 1 << 12

// find records that a pointer has a value.
func (r *pointerRecord) find(k pointer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found == nil {
		r.found = map[uint64]bool{}
	}
	if len(r.found) < maxPointers {
		r.found[k.hash()] = true
	}
}

// wasFound reports whether a pointer has had a value.
func (r *pointerRecord) wasFound(k pointer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.found[k.hash()]
}

// warnsFirst reports whether this is the first warning of a pointer.
func (r *pointerRecord) warnsFirst(k pointer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.warned[k.hash()] || len(r.warned) >= maxPointers {
		return false
	}
	if r.warned == nil {
		r.warned = map[uint64]bool{}
	}
	r.warned[k.hash()] = true
	return true
}
