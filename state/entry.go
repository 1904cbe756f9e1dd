package state

import (
	"encoding/json"
	"maps"
	"slices"
)

// An entry is a member of a part. It is an object if it has children.
type entry struct {
	current, saved value
	origin         value             // the value that Parse read
	changed        bool              // whether current has changed since it was saved
	detached       bool              // whether the entry is in no part and never saved
	children       map[string]*entry // the members of an object, or nil
}

// storedEntry returns an entry for a value that an earlier sync saved.
func storedEntry(raw json.RawMessage) *entry {
	v := value{kind: isRaw, raw: raw}
	return &entry{current: v, saved: v, origin: v}
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
		b = append(appendString(b, key), ':')
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
