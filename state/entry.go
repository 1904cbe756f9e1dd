package state

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// An entry is a member of a part. It is an object if it has children.
type entry struct {
	current, saved value
	origin         value             // the value that Parse read
	children       map[string]*entry // the members of an object, or nil

	// deletions is the number of times that the entry was deleted. A cursor that
	// was created before a deletion must not write the entry.
	deletions uint32
	mover     uint32 // the number of the cursor that moved the entry last, or 0 if a cursor was created since

	changed  bool // whether current has changed since it was saved
	detached bool // whether the entry is in no part and never saved
	live     bool // whether it has a cursor that was created since the last deletion
	dropped  bool // whether the part's list of dropped entries contains it
	used     bool // whether the sync reads this partition

	isRuntime bool // whether the runtime has set it, and not the connector
}

// storedEntry returns an entry for a value that an earlier sync saved.
func storedEntry(raw json.RawMessage) *entry {
	v := value{kind: isRaw, text: string(raw)}
	return &entry{current: v, saved: v, origin: v}
}

// empty reports whether neither the current nor the saved state contains the
// entry, and no cursor may add it.
func (e *entry) empty() bool {
	return e.current.kind == isAbsent && e.saved.kind == isAbsent && !e.live && len(e.children) == 0
}

// has reports whether the value that which selects is present, for the entry or for one
// of its children.
func (e *entry) has(which func(*entry) *value) bool {
	for _, child := range e.children {
		if child.has(which) {
			return true
		}
	}
	return e.children == nil && which(e).kind != isAbsent
}

// appendEntries appends a JSON object with the entries sorted by key. It omits
// entries without a value.
func appendEntries(b []byte, entries map[string]*entry, which func(*entry) *value) []byte {
	b = append(b, '{')
	first := true
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		e := entries[key]
		start := len(b)
		if !first {
			b = append(b, ',')
		}
		b = append(rawjson.AppendString(b, key), ':')
		object := len(b)
		switch {
		case e.children != nil:
			b = appendEntries(b, e.children, which)
			if len(b) == object+len("{}") {
				b = b[:start]
				continue
			}
		case which(e).kind == isAbsent:
			b = b[:start]
			continue
		default:
			b = which(e).append(b)
		}
		first = false
	}
	return append(b, '}')
}
