package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
)

// tags are the options of a field's jsonschema tag.
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
	t.nullable = slices.Contains(strings.Split(tag.Get("jsonschema"), ","), "nullable") // as the reflector looks for it
	return t
}

// has reports whether the tag sets an option.
func (t tags) has(name string) bool {
	return slices.ContainsFunc(t.options, func(option string) bool { return strings.HasPrefix(option, name+"=") })
}

// splitOptions splits a tag at its commas. Those after a backslash belong to a
// value.
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

// checkTags reports mistakes in a field's tags. The schema is the one that the
// reflector made of them.
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
				b.reportTag(f, option, "only text and secrets can rotate, and a field of type %v can not", f.typ)
			}
		case option == "-":
			b.reportTag(f, option, "a field of the configuration is also in its form: tag it `json:\"-\"` to keep it out of both")
		case !known || !valued:
			b.reportTag(f, option, "%s", hint(option, previous, s, own))
			continue
		case seen[name] && !slices.Contains(repeatable, name) && (name != "default" || s.Type != "array"):
			b.reportTag(f, option, "%s is given twice", name)
		case strings.Contains(value, "=") && s.Type == "array" && anyOptions[name] == nil:
			b.reportTag(f, option, "an option of a list can't have a value with \"=\" in it")
		default:
			b.checkOption(f, s, name, value, c)
		}
		if valued {
			seen[name], previous = true, option
		}
	}
	if seen["description"] && f.tag.Get("jsonschema_description") != "" {
		b.report(f.goName, "jsonschema_description tag: the jsonschema tag has a description, too: remove one of them")
	}
	b.checkExtras(f)
}

func (b *builder) reportTag(f *Field, option, message string, args ...any) {
	b.report(f.goName, "jsonschema tag: %q: %s", option, fmt.Sprintf(message, args...))
}

// checkOption reports what is wrong with the value of a known option.
func (b *builder) checkOption(f *Field, s *jsonschema.Schema, name, value string, c check) {
	option := name + "=" + value
	if problem := c(value); problem != "" {
		b.reportTag(f, option, "%s", problem)
		return
	}
	switch name {
	case "default":
		if f.holdsSecret() {
			b.reportTag(f, option, "a secret has no default: remove it")
		}
	case "enum":
		b.checkChoice(f, s, option, value)
	case "type", "oneof_type", "anyof_type":
		own := jsonTypes[f.Kind]
		if f.Kind != JSON && !slices.Contains(strings.Split(value, ";"), own) {
			b.reportTag(f, option, "the field takes the type %s alone: a %v holds nothing else", own, f.typ)
		}
	}
}

// jsonTypes are the JSON types of the values of each kind.
var jsonTypes = map[Kind]string{
	Text: "string", Duration: "string", Time: "string", Bytes: "string",
	Integer: "integer", Number: "number", Bool: "boolean", List: "array", Map: "object", Object: "object",
}

// checkChoice reports a choice that no configuration can make: one that the
// field can't hold, or holds in another spelling.
func (b *builder) checkChoice(f *Field, s *jsonschema.Schema, option, choice string) {
	if f.Kind == List {
		if f.Items == nil {
			return
		}
		if f, s = f.Items, s.Items; s == nil {
			s = &jsonschema.Schema{} // of a type that writes its own schema
		}
	}
	if n := slices.IndexFunc(s.Enum, func(c any) bool { return fmt.Sprint(c) == choice }); n >= 0 &&
		slices.ContainsFunc(s.Enum[n+1:], func(c any) bool { return fmt.Sprint(c) == choice }) {
		b.reportTag(f, option, "the choice is given twice")
	}
	if f.Kind == JSON || f.base == secretType {
		return
	}
	raw := jsontext.Value(choice)
	if jsonTypes[f.Kind] == "string" {
		raw, _ = jsontext.AppendQuote(nil, choice) // invalid UTF-8 is refused by the decoder
	}
	d := newDecoder(&panics{place: "a method that reads or writes the choice"})
	v := reflect.New(f.base).Elem()
	d.value(f, v, raw, "choice")
	if len(d.problems) > 0 {
		_, problem, _ := strings.Cut(d.problems[0].String(), ": ")
		b.reportTag(f, option, "the field can't hold it: %s", problem)
		return
	}
	held := d.instance().of(f, v, "choice")
	if len(d.panics.texts) > 0 {
		b.reportPanics(f.goName, fmt.Sprintf("jsonschema tag: %q: ", option), d.panics)
		return
	}
	if text, ok := held.(string); ok && text != choice {
		b.reportTag(f, option, "write it as the field does: enum=%s", text)
	}
}

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

// isOption reports whether a field of some type has the option.
func isOption(name string) bool {
	for _, options := range []map[string]check{anyOptions, textOptions, numberOptions, boolOptions, listOptions} {
		if _, ok := options[name]; ok {
			return true
		}
	}
	return false
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

var (
	tagName   = regexp.MustCompile(`(?:^|\s)(jsonschema\w*):"`)
	extraName = regexp.MustCompile(`^[A-Za-z$_][A-Za-z0-9$_.:-]*$`)
)

// checkTagNames reports tags that look like ours and are not.
func (b *builder) checkTagNames(goName string, tag reflect.StructTag) {
	for _, found := range tagName.FindAllStringSubmatch(string(tag), -1) {
		switch found[1] {
		case "jsonschema", "jsonschema_description", "jsonschema_extras":
		default:
			b.report(goName, "there is no tag %s: there are jsonschema, jsonschema_description and jsonschema_extras", found[1])
		}
	}
}

// checkExtras reports mistakes in a field's jsonschema_extras tag.
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
			b.report(f.goName, "jsonschema_extras tag: %q: the keyword is JSON Schema's own: set it in the jsonschema tag", extra)
		}
	}
}

// structural are keywords of the schema that the fields' types decide.
var structural = []string{
	"$schema", "$id", "$ref", "$defs", "allOf", "anyOf", "oneOf", "required", "properties", "items", "additionalProperties",
	"contentEncoding", "examples", "x-rotates",
}

// formats are those of JSON Schema 2020-12, the others that are checked, and
// password, which forms know.
var formats = []string{
	"date-time", "date", "time", "duration", "period", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
	"uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer",
	"regex", "semver", "password",
}

func anything(string) string { return "" }

func nonEmpty(value string) string {
	if value == "" {
		return "the value is missing"
	}
	return ""
}

func count(value string) string {
	if _, err := strconv.ParseUint(value, 10, 64); err != nil {
		return "want a whole number that is not negative"
	}
	return ""
}

func number(value string) string {
	v := jsontext.Value(value)
	if _, err := strconv.ParseFloat(value, 64); err != nil || v.Kind() != '0' || !v.IsValid() || strings.TrimSpace(value) != value {
		return "want a number"
	}
	return ""
}

func positive(value string) string {
	if f, err := strconv.ParseFloat(value, 64); number(value) != "" || err != nil || f <= 0 {
		return "want a number above zero"
	}
	return ""
}

func boolean(value string) string {
	if _, err := strconv.ParseBool(value); err != nil {
		return "want true or false"
	}
	return ""
}

func pattern(value string) string {
	if _, err := regexp.Compile(value); err != nil {
		return fmt.Sprintf("want a regular expression: %v", err)
	}
	return nonEmpty(value)
}

func format(value string) string {
	if !slices.Contains(formats, value) {
		return "there is no such format: there are " + strings.Join(formats, ", ")
	}
	return ""
}

func types(value string) string {
	for t := range strings.SplitSeq(value, ";") {
		if !slices.Contains(jsonTypeNames, t) {
			return "want " + strings.Join(jsonTypeNames, ", ") + ", or several of them with \";\" between"
		}
	}
	return ""
}

func oneOf(words ...string) check {
	return func(value string) string {
		if !slices.Contains(words, value) {
			return "want " + strings.Join(words, " or ")
		}
		return ""
	}
}
