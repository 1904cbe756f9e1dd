package config

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// finish adds titles, defaults and required fields to the schema of a struct. It
// also copies properties of the schema to the fields.
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
		if !ok { // a type that writes its own schema omits it
			property = &jsonschema.Schema{}
		}
		b.finishField(property, f, fallback)
		if f.Required && ok {
			s.Required = append(s.Required, f.Name)
		}
	}
	for _, name := range slices.Collect(s.Properties.KeysFromOldest()) {
		if !known[name] {
			s.Properties.Delete(name) // no configuration can set it
		}
	}
}

// finishField completes a field and its property in the schema.
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
		f.Required = true // an object that is missing lacks its required members
	}
	b.finishDefault(property, typed, f, fallback, tags.has("default"))
}

// finishDefault sets the default of a field. A default in the tag must be the
// same.
func (b *builder) finishDefault(property, typed *jsonschema.Schema, f *Field, fallback reflect.Value, tagged bool) {
	p := &panics{place: "the method that writes the default"}
	value, ok := defaultOf(f, fallback, p)
	same := true
	switch {
	case tagged && f.taggedSecret():
		b.report(f.goName, `jsonschema tag: "default=": a secret can't have a default: remove it`)
		return
	case tagged && !f.holdsSecret():
		p.field("", "", func() { same = sameJSON(typed.Default, value) })
	}
	b.reportPanics(f.goName, "", p)
	if !same {
		b.report(f.goName, "jsonschema tag: the default is the value that the field has in the connector passed to Main: set it there and remove \"default=\"")
	}
	if ok && property.Default == nil {
		property.Default = value
	}
	f.Default = value
}

// finishType copies the properties of a value's schema to its field, and continues
// with the fields or items within it.
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

// isRequired reports whether a field is required by its type, its json tag and its
// default.
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
