package config

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// hint says what to do about an option that the field does not have. It may be
// the end of the previous option's value, which a comma has cut off.
func hint(option, previous string, s *jsonschema.Schema, own map[string]check) string {
	name, _, valued := strings.Cut(option, "=")
	trimmed, _, _ := strings.Cut(strings.TrimSpace(option), "=")
	_, inOwn := own[trimmed]
	_, inAny := anyOptions[trimmed]
	word := trimmed == "required" || trimmed == "nullable" || trimmed == "rotates"
	before, _, _ := strings.Cut(previous, "=")
	switch {
	case option == "":
		return "remove the comma that no option follows"
	case trimmed != name && (inOwn || inAny || word):
		return "remove the space before the option"
	case word:
		return "write " + trimmed + " alone, without a value"
	case inOwn || inAny:
		return "write " + trimmed + "=, followed by the value"
	case isOption(trimmed):
		return "the option means nothing for " + typeName(s) + ", which takes " + listOf(own)
	case before == "enum" && !valued:
		return "a comma ends a value: write each choice as an option of its own, as in " + previous + ",enum=" + option
	case before == "description":
		return `a comma ends a value: write the description in a jsonschema_description tag, or escape the comma, as in ` + previous + `\\,` + option
	case before != "" && !valued:
		return `a comma ends a value: if this is part of one, escape the comma, as in ` + previous + `\\,` + option
	}
	return "there is no such option: " + typeName(s) + " takes " + listOf(own)
}

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

func listOf(own map[string]check) string {
	names := []string{"title", "description", "required"}
	for name := range own {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
