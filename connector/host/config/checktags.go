package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// checkTags reports the mistakes in a field's tags. The reflector has built the
// schema s from the tags.
func (b *builder) checkTags(f *Field, t tags, s *jsonschema.Schema) {
	b.checkTagNames(f.goName, f.tag)
	own, seen, previous := optionsOf(s), map[string]bool{}, ""
	for _, option := range t.options {
		name, value, valued := strings.Cut(option, "=")
		c, known := own[name]
		if !known {
			c, known = anyOptions[name]
		}
		switch {
		case !valued && (option == "required" || option == "nullable"):
		case option == "rotates":
			if f.Kind != Text || f.reads {
				b.reportTag(f, option, "only text and secrets can rotate, not a field of type %v", f.typ)
			}
		case option == "-":
			b.reportTag(f, option, "a field of the configuration is also in its form: tag it `json:\"-\"` to keep it out of both")
		case !known || !valued:
			b.reportTag(f, option, "%s", hint(option, previous, s, own))
			continue
		case seen[name] && !slices.Contains(repeatable, name) && (name != "default" || s.Type != "array"):
			b.reportTag(f, option, "%s is given twice", name)
		case strings.Contains(value, "=") && s.Type == "array" && anyOptions[name] == nil:
			b.reportTag(f, option, "the value of a list option can't contain \"=\"")
		default:
			b.checkOption(f, s, name, value, c)
		}
		if valued {
			seen[name], previous = true, option
		}
	}
	if seen["description"] && f.tag.Get("jsonschema_description") != "" {
		b.report(f.goName, "jsonschema_description tag: the jsonschema tag also has a description: remove one of them")
	}
	b.checkExtras(f)
}

// reportTag reports a mistake in an option of the jsonschema tag.
func (b *builder) reportTag(f *Field, option, message string, args ...any) {
	b.report(f.goName, "jsonschema tag: %q: %s", option, fmt.Sprintf(message, args...))
}

// checkOption reports a mistake in the value of a known option.
func (b *builder) checkOption(f *Field, s *jsonschema.Schema, name, value string, c check) {
	option := name + "=" + value
	if problem := c(value); problem != "" {
		b.reportTag(f, option, "%s", problem)
		return
	}
	switch name {
	case "default":
		if f.holdsSecret() {
			b.reportTag(f, option, "a secret can't have a default: remove it")
		}
	case "enum":
		b.checkChoice(f, s, option, value)
	case "type", "oneof_type", "anyof_type":
		own := jsonTypes[f.Kind]
		if f.Kind != JSON && !slices.Contains(strings.Split(value, ";"), own) {
			b.reportTag(f, option, "the type must be %s for a field of type %v", own, f.typ)
		}
	}
}

// jsonTypes maps each kind to the JSON type of its values.
var jsonTypes = map[Kind]string{
	Text: "string", Duration: "string", Time: "string", Bytes: "string",
	Integer: "integer", Number: "number", Bool: "boolean", List: "array", Map: "object", Object: "object",
}

var (
	tagName   = regexp.MustCompile(`(?:^|\s)(jsonschema\w*):"`)
	extraName = regexp.MustCompile(`^[A-Za-z$_][A-Za-z0-9$_.:-]*$`)
)

// checkTagNames reports tags that begin like jsonschema but do not exist.
func (b *builder) checkTagNames(goName string, tag reflect.StructTag) {
	for _, found := range tagName.FindAllStringSubmatch(string(tag), -1) {
		switch found[1] {
		case "jsonschema", "jsonschema_description", "jsonschema_extras":
		default:
			b.report(goName, "unknown tag %s: want jsonschema, jsonschema_description or jsonschema_extras", found[1])
		}
	}
}

// checkExtras reports the mistakes in a field's jsonschema_extras tag.
func (b *builder) checkExtras(f *Field) {
	text := f.tag.Get("jsonschema_extras")
	if text == "" {
		return
	}
	for _, extra := range splitOptions(text) {
		name, _, valued := strings.Cut(extra, "=")
		switch {
		case !valued:
			b.report(f.goName, `jsonschema_extras tag: %q: want name=value; escape a comma within a value as \\,`, extra)
		case !extraName.MatchString(name):
			b.report(f.goName, "jsonschema_extras tag: %q: %q is not a keyword", extra, name)
		case isOption(name) || slices.Contains(structural, name):
			b.report(f.goName, "jsonschema_extras tag: %q: JSON Schema defines this keyword: set it in the jsonschema tag", extra)
		}
	}
}

// structural holds the keywords of the schema that follow from the types of
// fields.
var structural = []string{
	"$schema", "$id", "$ref", "$defs", "allOf", "anyOf", "oneOf", "required", "properties", "items", "additionalProperties",
	"contentEncoding", "examples", "x-rotates",
}
