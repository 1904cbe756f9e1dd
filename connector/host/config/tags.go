package config

import (
	"reflect"
	"slices"
	"strings"
)

// tags holds the options of a field's jsonschema tag.
type tags struct {
	options                     []string
	required, nullable, rotates bool
}

func parseTags(tag reflect.StructTag) tags {
	var t tags
	if text := tag.Get("jsonschema"); text != "" {
		t.options = splitOptions(text)
	}
	t.required = slices.Contains(t.options, "required")
	t.rotates = slices.Contains(t.options, "rotates")
	t.nullable = slices.Contains(strings.Split(tag.Get("jsonschema"), ","), "nullable") // the reflector splits it this way, too
	return t
}

// has reports whether the tag sets an option.
func (t tags) has(name string) bool {
	return slices.ContainsFunc(t.options, func(option string) bool { return strings.HasPrefix(option, name+"=") })
}

// splitOptions splits a tag at its commas. A comma after a backslash is part of
// a value.
func splitOptions(tag string) []string {
	var options []string
	for piece := range strings.SplitSeq(tag, ",") {
		if n := len(options); n > 0 && strings.HasSuffix(options[n-1], `\`) {
			options[n-1] = strings.TrimSuffix(options[n-1], `\`) + "," + piece
			continue
		}
		options = append(options, piece)
	}
	return options
}
