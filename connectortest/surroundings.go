package connectortest

import (
	"slices"
	"strings"
)

// surroundings are the values around a record: those of the objects that contain it, and
// those in the URL of its response. The key of the parent of a record is often among them
// and not in the record itself, as in /orders/7/items and in {"id":7,"items":[…]}.
type surroundings struct {
	outer  *surroundings
	object map[string]any
	texts  []string
}

// surroundings returns what the URL of an exchange says about all records in it.
func (e *exchange) surroundings() *surroundings {
	query := &surroundings{}
	for _, values := range e.query() {
		query.texts = append(query.texts, values...)
	}
	return &surroundings{outer: query, texts: strings.Split(e.url.Path, "/")}
}

// distance returns how far out a value is: 0 for the object around the record. It returns
// false if the value is not around the record.
func (s *surroundings) distance(text string) (n int, found bool) {
	for ; s != nil && text != ""; s, n = s.outer, n+1 {
		if slices.Contains(s.texts, text) {
			return n, true
		}
		for _, v := range s.object {
			if other, ok := scalarText(v); ok && other == text {
				return n, true
			}
		}
	}
	return 0, false
}

// recordsIn calls do for each JSON object in a value, at any depth, with what surrounds it.
func recordsIn(v any, around *surroundings, do func(record map[string]any, around *surroundings)) {
	switch v := v.(type) {
	case map[string]any:
		do(v, around)
		inner := &surroundings{outer: around, object: v}
		for _, member := range v {
			recordsIn(member, inner, do)
		}
	case []any:
		for _, element := range v {
			recordsIn(element, around, do)
		}
	}
}
