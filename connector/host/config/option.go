package config

import "github.com/invopop/jsonschema"

// A check returns what is wrong with an option's value, or "" if it is valid.
// The options below are those that github.com/invopop/jsonschema reads. It
// ignores all others, and values that it can't parse.
type check func(value string) string

// repeatable are the options that can be given more than once.
var repeatable = []string{"enum", "example", "oneof_required", "anyof_required", "oneof_ref", "anyof_ref", "oneof_type", "anyof_type"}

var anyOptions = map[string]check{
	"title": nonEmpty, "description": nonEmpty, "anchor": nonEmpty, "type": oneOf(jsonTypeNames...), "oneof_type": types, "anyof_type": types,
	"oneof_required": nonEmpty, "anyof_required": nonEmpty, "oneof_ref": nonEmpty, "anyof_ref": nonEmpty,
}

var jsonTypeNames = []string{"string", "integer", "number", "boolean", "array", "object", "null"}

var textOptions = map[string]check{
	"minLength": count, "maxLength": count, "pattern": pattern, "format": format, "readOnly": boolean, "writeOnly": boolean,
	"default": anything, "example": anything, "enum": anything,
}

var numberOptions = map[string]check{
	"multipleOf": positive, "minimum": number, "maximum": number, "exclusiveMinimum": number, "exclusiveMaximum": number,
	"default": number, "example": number, "enum": number,
}

var boolOptions = map[string]check{"default": oneOf("true", "false")}

var listOptions = map[string]check{"minItems": count, "maxItems": count, "uniqueItems": oneOf("true"), "default": anything}

// listTextOptions are read for a list whatever its items are, and mean
// something if they are text.
var listTextOptions = map[string]check{"format": format, "pattern": pattern}

// typeOptions returns the options for a JSON type, besides anyOptions.
func typeOptions(s *jsonschema.Schema) map[string]check {
	switch s.Type {
	case "string":
		return textOptions
	case "integer", "number":
		return numberOptions
	case "boolean":
		return boolOptions
	}
	return nil
}

// optionsOf returns the options that a field can have besides anyOptions.
func optionsOf(s *jsonschema.Schema) map[string]check {
	if s.Type != "array" {
		return typeOptions(s)
	}
	options := map[string]check{}
	if s.Items != nil {
		for name, c := range typeOptions(s.Items) {
			options[name] = c
		}
		if s.Items.Type == "string" {
			for name, c := range listTextOptions {
				options[name] = c
			}
		}
	}
	for name, c := range listOptions {
		options[name] = c
	}
	return options
}

// isOption reports whether a field of some type has the option.
func isOption(name string) bool {
	for _, options := range []map[string]check{anyOptions, textOptions, numberOptions, boolOptions, listOptions} {
		if _, ok := options[name]; ok {
			return true
		}
	}
	return false
}
