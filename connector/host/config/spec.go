package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/invopop/jsonschema"

	"github.com/penstock-sdk/penstock/connector"
)

// reflectSchema returns the JSON Schema that the types and tags of a
// connector's struct make by themselves.
func reflectSchema(t reflect.Type) (s *jsonschema.Schema, err error) {
	defer func() {
		if cause := recover(); cause != nil { // how the reflector refuses a type or a tag
			err = connector.Errorf(connector.Defect, "make a JSON Schema of %v: %w", t, &panicError{
				text:  fmt.Sprintf("panic in the reflector, or in a method that it calls: %v", cause),
				stack: string(debug.Stack()),
			})
		}
	}()
	reflector := &jsonschema.Reflector{
		Anonymous:                 true,
		ExpandedStruct:            true,
		DoNotReference:            true,
		AllowAdditionalProperties: true,
		Mapper: func(inner reflect.Type) *jsonschema.Schema {
			if inner == t {
				return nil // its fields are the configuration, whatever methods it has
			}
			return mapType(inner)
		},
	}
	s = reflector.ReflectFromType(t)
	s.Definitions = nil
	return s, nil
}

// A schemaWriter is a type that writes its own JSON Schema.
type schemaWriter interface{ JSONSchema() *jsonschema.Schema }

var schemaWriterType = reflect.TypeFor[schemaWriter]()

// mapType gives the types a schema that the reflector would miss.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case secretType:
		return &jsonschema.Schema{Type: "string", Format: "password", WriteOnly: true}
	case durationType:
		return &jsonschema.Schema{Type: "string", Examples: []any{"30s", "1h30m"}}
	case timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case jsonNumberType:
		return &jsonschema.Schema{Type: "number"}
	case urlType:
		return &jsonschema.Schema{Type: "string", Format: "uri"}
	}
	switch {
	case readsText(t):
		return &jsonschema.Schema{Type: "string"}
	case readsItself(t) && !t.Implements(schemaWriterType):
		return &jsonschema.Schema{} // its fields, if any, do not tell what it reads
	}
	return nil
}

// finish adds titles, defaults and required fields to the schema of a struct,
// and what the schema says to the fields.
func (b *builder) finish(s *jsonschema.Schema, fields []Field, defaults reflect.Value) {
	if s.Properties == nil { // a type that writes its own schema has none
		s = &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	}
	s.Required = nil
	known := map[string]bool{}
	for i := range fields {
		f := &fields[i]
		known[f.Name] = true
		fallback := defaults.FieldByIndex(f.index)
		property, ok := s.Properties.Get(f.Name)
		if !ok { // a type that writes its own schema left it out
			property = &jsonschema.Schema{}
		}
		b.finishField(property, f, fallback)
		if f.Required && ok {
			s.Required = append(s.Required, f.Name)
		}
	}
	for _, name := range slices.Collect(s.Properties.KeysFromOldest()) {
		if !known[name] {
			s.Properties.Delete(name) // no configuration can fill it
		}
	}
}

func (b *builder) finishField(property *jsonschema.Schema, f *Field, fallback reflect.Value) {
	tags := parseTags(f.tag)
	typed := property
	if tags.nullable && len(property.OneOf) == 2 {
		typed = property.OneOf[0]
	}
	b.checkTags(f, tags, typed)

	f.Title = cmp.Or(typed.Title, property.Title, titleOf(f.Name))
	if property.Title == "" {
		property.Title = titleOf(f.Name)
	}
	f.Required = tags.required || isRequired(f, fallback)
	if f.Required && property.Type == "string" && property.MinLength == nil {
		one := uint64(1)
		property.MinLength = &one
	}
	if tags.rotates {
		f.Rotates = true
		if property.Extras == nil {
			property.Extras = map[string]any{}
		}
		property.Extras["x-rotates"] = true
	}
	b.finishType(typed, f, pointee(fallback))
	if f.Kind == Object && f.typ.Kind() == reflect.Struct && slices.ContainsFunc(f.Fields, func(m Field) bool { return m.Required }) {
		f.Required = true // without it, they are missing
	}
	p := &panics{place: "the method that writes the default"}
	value, ok := defaultOf(f, fallback, p)
	same := true
	if tags.has("default") && !f.holdsSecret() {
		p.field("", "", func() { same = sameJSON(typed.Default, value) })
	}
	b.reportPanics(f.goName, "", p)
	if !same {
		b.report(f.goName, "jsonschema tag: the default is what the field holds in the connector that is given to Main: set it there and remove \"default=\"")
	}
	if ok && property.Default == nil {
		property.Default = value
	}
	f.Default = value
}

// pointee returns what a value points to, or an empty value of its type.
func pointee(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v = reflect.Zero(v.Type().Elem())
		} else {
			v = v.Elem()
		}
	}
	return v
}

// finishType copies what the schema says of a value, with or without a name,
// and goes on within it.
func (b *builder) finishType(s *jsonschema.Schema, f *Field, defaults reflect.Value) {
	f.Description = s.Description
	f.Choices = s.Enum
	f.Format, f.Pattern = s.Format, s.Pattern
	f.Minimum, f.Maximum = s.Minimum, s.Maximum
	inner := s.Items
	switch f.Kind {
	case Object:
		b.finish(s, f.Fields, defaults)
		return
	case Map:
		inner = s.AdditionalProperties
	}
	if f.Items == nil {
		return
	}
	if inner == nil { // the schema says nothing about the items
		inner = &jsonschema.Schema{}
	}
	b.finishType(inner, f.Items, reflect.Zero(f.Items.base))
}

func isRequired(f *Field, fallback reflect.Value) bool {
	switch f.typ.Kind() {
	case reflect.Bool, reflect.Pointer, reflect.Interface:
		return false
	}
	if f.Kind == Object {
		return false // its members decide
	}
	return !f.omittable && fallback.IsZero()
}

// defaultOf returns what a field holds as it stands in the schema.
func defaultOf(f *Field, v reflect.Value, p *panics) (any, bool) {
	if v.IsZero() || len(secretsIn(nil, v, 0)) > 0 {
		return nil, false
	}
	if f.Kind == Object && v.Kind() == reflect.Struct {
		return nil, false // its own fields have defaults
	}
	value := (&instance{panics: p}).of(f, v, "")
	return value, value != nil
}

func sameJSON(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// titleOf turns "api_key" into "Api key": a title for a field whose author
// gave none. It cannot know that API is an acronym.
func titleOf(name string) string {
	words := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return ' '
		}
		return r
	}, name)
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
