package state

import (
	"encoding/json"
	"maps"
	"slices"
)

// An entry is one member of a part, as it is and as it is saved.
type entry struct {
	current, saved value
	origin         value // as Parse found it
	changed        bool  // since the last save
	detached       bool  // in no part, and so never saved
	// children make the entry an object of their own.
	children map[string]*entry
}

// storedEntry returns the entry for a value that an earlier sync saved.
func storedEntry(raw json.RawMessage) *entry {
	v := value{kind: isRaw, raw: raw}
	return &entry{current: v, saved: v, origin: v}
}

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
