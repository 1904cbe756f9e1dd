package config

import "github.com/invopop/jsonschema"

// A check returns "" if the value of an option is valid. Otherwise, it returns
// the reason.
type check func(value string) string

// The options below are those that github.com/invopop/jsonschema reads. It
// silently ignores all other options, and values that it cannot parse.

// repeatable holds the options that a tag may set more than once.
var repeatable = []string{"enum", "example", "oneof_required", "anyof_required", "oneof_ref", "anyof_ref", "oneof_type", "anyof_type"}

// anyOptions holds the options of all fields.
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

// listTextOptions holds further options of lists of text. The reflector reads
// them for all lists.
var listTextOptions = map[string]check{"format": format, "pattern": pattern}

// typeOptions returns the options of a JSON type, in addition to anyOptions.
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

// optionsOf returns the options that a field may have in addition to anyOptions.
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

// isOption reports whether the option applies to fields of at least one type.
func isOption(name string) bool {
	for _, options := range []map[string]check{anyOptions, textOptions, numberOptions, boolOptions, listOptions} {
		if _, ok := options[name]; ok {
			return true
		}
	}
	return false
}
