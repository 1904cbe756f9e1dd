package config

import "strings"

// A problem is something wrong with one field of a configuration.
type problem struct {
	path    string // empty for the configuration as a whole
	text    string // names what the field takes, never a value
	field   *Field // nil if the path leads to none
	missing bool   // the field is required and not given
	inItem  bool   // the field is within an item of a list or map
}

func (p problem) String() string {
	path := strings.ToValidUTF8(p.path, "�")
	if path == "" {
		path = "configuration"
	}
	return path + ": " + p.text
}

// overlaps reports whether the problems are about the same field, or about one
// within the other.
func (p problem) overlaps(q problem) bool {
	return isWithin(p.path, q.path) || isWithin(q.path, p.path)
}

func isWithin(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}
