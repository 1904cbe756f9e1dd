package fakeapi

import "strings"

// A member is a member of a JSON object. A name with dots is the path of a member
// within objects.
type member struct {
	name  string
	value []byte
}

// objectOf returns a JSON object. It omits members without a name.
func objectOf(members []member) []byte {
	b := []byte{'{'}
	done := map[string]bool{}
	for i, m := range members {
		first, _, nested := strings.Cut(m.name, ".")
		if m.name == "" || done[first] {
			continue
		}
		done[first] = true
		if len(b) > 1 {
			b = append(b, ',')
		}
		name, _ := marshal(first) // a string always marshals
		b = append(append(b, name...), ':')
		if !nested {
			b = append(b, m.value...)
			continue
		}
		var inner []member
		for _, m := range members[i:] {
			if rest, ok := strings.CutPrefix(m.name, first+"."); ok {
				inner = append(inner, member{rest, m.value})
			}
		}
		b = append(b, objectOf(inner)...)
	}
	return append(b, '}')
}
