package config

import "strings"

// A problem is a mistake in one field of a configuration.
type problem struct {
	path    string // empty for the configuration as a whole
	text    string // what the field takes, never a value
	field   *Field // nil if no field has this path
	missing bool   // the field is required but not set
	inItem  bool   // the field is within an item of a list or map
}

func (p problem) String() string {
	path := strings.ToValidUTF8(p.path, "�")
	if path == "" {
		path = "configuration"
	}
	return path + ": " + p.text
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
