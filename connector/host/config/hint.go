package config

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// hint returns what to do about an option that the field does not have. The
// option may be the end of the previous option's value, if a comma has split
// that value.
func hint(option, previous string, s *jsonschema.Schema, own map[string]check) string {
	name, _, valued := strings.Cut(option, "=")
	trimmed, _, _ := strings.Cut(strings.TrimSpace(option), "=")
	takesValue := own[trimmed] != nil || anyOptions[trimmed] != nil
	takesNone := trimmed == "required" || trimmed == "nullable" || trimmed == "rotates"
	switch {
	case option == "":
		return "remove the extra comma"
	case trimmed != name && (takesValue || takesNone):
		return "remove the space before the option"
	case takesNone:
		return "write " + trimmed + " alone, without a value"
	case takesValue:
		return "write " + trimmed + "=, followed by the value"
	case isOption(trimmed):
		return "the option does not apply to " + typeName(s) + ", which takes " + listOf(own)
	}
	if text := splitHint(option, previous, valued); text != "" {
		return text
	}
	return "unknown option: " + typeName(s) + " takes " + listOf(own)
}

// splitHint returns what to do if the option is the end of the previous option's
// value, or "" if it cannot be.
func splitHint(option, previous string, valued bool) string {
	before, _, _ := strings.Cut(previous, "=")
	switch {
	case before == "enum" && !valued:
		return "a comma ends a value: write each choice as a separate option, as in " + previous + ",enum=" + option
	case before == "description":
		return `a comma ends a value: write the description in a jsonschema_description tag, or escape the comma, as in ` + previous + `\\,` + option
	case before != "" && !valued:
		return `a comma ends a value: if this is part of one, escape the comma, as in ` + previous + `\\,` + option
	}
	return ""
}

// typeName returns the type of a field, for messages.
func typeName(s *jsonschema.Schema) string {
	switch s.Type {
	case "":
		return "a field without a JSON type"
	case "array":
		if s.Items != nil && s.Items.Type != "" {
			return "a field of JSON type array with items of type " + s.Items.Type
		}
	}
	return "a field of JSON type " + s.Type
}

// listOf returns the names of a field's options, for messages.
func listOf(own map[string]check) string {
	names := []string{"title", "description", "required"}
	for name := range own {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
