package config

import (
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A problem is a mistake in one field of a configuration.
type problem struct {
	path    string // empty for the configuration as a whole
	text    string // what the field takes, never a value
	field   *Field // nil if no field has this path
	missing bool   // the field is required but not set
	inItem  bool   // the field is within an item of a list or map
}

func (p problem) String() string { return fieldNames(nil).line(p) }

// fieldNames holds the names of all fields of a form.
type fieldNames map[string]bool

// namesOf adds the names of fields, and of the fields within them, to the set.
func namesOf(fields []Field, all fieldNames) fieldNames {
	for _, f := range fields {
		all[f.Name] = true
		namesOf(f.Fields, all)
		for item := f.Items; item != nil; item = item.Items {
			namesOf(item.Fields, all)
		}
	}
	return all
}

// line returns a problem as a line for people.
func (n fieldNames) line(p problem) string {
	if p.path == "" {
		return "configuration: " + p.text
	}
	return n.shown(p.path) + ": " + p.text
}

// shown returns a path for people. The names of fields are the author's. Other names are
// part of the configuration, such as those in a map: they are shown only if they look
// like names. All names are shown if n is nil, for paths within the connector's defaults.
func (n fieldNames) shown(path string) string {
	if n == nil || n[path] {
		return path
	}
	parts := strings.Split(path, ".")
	for i, part := range parts {
		name, index := part, ""
		if at := strings.IndexByte(part, '['); at > 0 && n[part[:at]] {
			name, index = part[:at], part[at:] // an item of a list
		}
		if !n[name] {
			name = pasted.Name(name)
		}
		parts[i] = name + index
	}
	return strings.Join(parts, ".")
}

// overlaps reports whether both problems are in the same field, or one of them
// is in a field within the other's.
func (p problem) overlaps(q problem) bool {
	return isWithin(p.path, q.path) || isWithin(q.path, p.path)
}

// isWithin reports whether the path inner is outer or a path within it.
func isWithin(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}
