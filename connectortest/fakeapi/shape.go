package fakeapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A shape is what is known about the values of a field: whether they are objects, and
// with which fields. It is immutable. The nil shape is that of a field whose values
// were all null.
type shape struct {
	fields map[string]*shape // of the objects; nil if there were none
	leaf   bool              // some value is a scalar, or an array with one
	open   bool              // the values are objects, but their fields are not known
}

// unknown reports whether nothing is known about the values.
func (s *shape) unknown() bool { return s == nil || s.fields == nil && !s.leaf && !s.open }

// with returns the shape that also covers some values.
func (s *shape) with(values []json.RawMessage) *shape {
	result := &shape{}
	if s != nil {
		result.leaf, result.fields = s.leaf, maps.Clone(s.fields)
	}
	members := map[string][]json.RawMessage{}
	for _, raw := range values {
		for _, v := range elementsOf(raw) {
			var object map[string]json.RawMessage
			switch {
			case len(v) == 0 || v[0] == 'n':
			case v[0] == '{' && json.Unmarshal(v, &object) == nil:
				if result.fields == nil {
					result.fields = map[string]*shape{}
				}
				for name, value := range object {
					members[name] = append(members[name], value)
				}
			default:
				result.leaf = true
			}
		}
	}
	for name, values := range members {
		result.fields[name] = result.fields[name].with(values)
	}
	return result
}

// elementsOf returns the elements of a JSON array, including those of nested arrays,
// or the value itself if it is not an array.
func elementsOf(raw json.RawMessage) []json.RawMessage {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		return []json.RawMessage{raw}
	}
	var elements, all []json.RawMessage
	_ = json.Unmarshal(raw, &elements) // raw is valid JSON
	for _, e := range elements {
		all = append(all, elementsOf(e)...)
	}
	return all
}

// check checks the selection set of a field against the shape of its values.
func (f *selected) check(s *shape) error {
	if s.unknown() {
		return nil
	}
	switch {
	case s.leaf && f.fields != nil:
		return invalidQuery(f.at, "the field %s is a scalar: it has no fields to select", f.name)
	case !s.leaf && f.fields == nil:
		return invalidQuery(f.at, "the field %s is an object: select some of its fields%s", f.name, s.names(": "))
	case s.open:
		return nil
	}
	for _, sub := range f.fields {
		if len(sub.arguments) > 0 {
			return invalidQuery(sub.at, "the field %s has no arguments", sub.name)
		}
		known, ok := s.fields[sub.name]
		if !ok {
			return invalidQuery(sub.at, "%s has no field %s%s", f.name, strconv.Quote(sub.name), s.names(": it has "))
		}
		if err := sub.check(known); err != nil {
			return err
		}
	}
	return nil
}

// names lists the known fields after a prefix. It returns "" if there are none.
func (s *shape) names(prefix string) string {
	if len(s.fields) == 0 {
		return ""
	}
	return prefix + strings.Join(slices.Sorted(maps.Keys(s.fields)), ", ")
}

// project returns the selected part of a value.
func (f *selected) project(raw json.RawMessage) []byte {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return []byte("null")
	case f.fields == nil:
		return raw
	case raw[0] == '[':
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements) // raw is valid JSON
		parts := make([][]byte, len(elements))
		for i, e := range elements {
			parts[i] = f.project(e)
		}
		return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
	case raw[0] != '{':
		return raw // null
	}
	var object map[string]json.RawMessage
	_ = json.Unmarshal(raw, &object) // raw is valid JSON
	var members []member
	for _, sub := range f.fields {
		members = append(members, member{sub.name, sub.project(object[sub.name])})
	}
	return objectOf(members)
}
