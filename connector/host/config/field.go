package config

import (
	"encoding/json"
	"reflect"

	"github.com/penstock-sdk/penstock/connector"
)

// A Field is one field of a connector's configuration. It belongs to a [Form]
// and shares its data: do not change it. It is safe for concurrent use.
type Field struct {
	// Name is the member's name in the configuration. It is empty for the
	// items of a list or map.
	Name string
	// Title is a short label for a person. If the author did not set a title,
	// it is derived from the name: "Page size" for page_size.
	Title string
	// Description explains to a person what to fill in. It may be empty.
	Description string
	// Kind is the kind of value that the field takes.
	Kind Kind
	// Secret reports whether the field is a connector.Secret, whose value a
	// form must not show. For a list or map of secrets, Items.Secret is set
	// instead.
	Secret bool
	// Required reports whether a configuration must set the field. A required
	// field of an optional object is required only if the object is set.
	Required bool
	// Rotates reports whether the source may replace the value during a sync,
	// as with OAuth refresh tokens. Only text fields rotate.
	Rotates bool
	// Default is the value of the field if a configuration does not set it: a
	// string, bool, json.Number, []any or map[string]any. It is nil if there is
	// no default, for every field that holds a secret, and for text with the format
	// password, text that rotates and a URL that contains a password.
	Default any
	// Choices holds the only values allowed, each a string or a json.Number.
	// It is empty if the field is not limited to a list of values.
	Choices []any
	// Format is a format of JSON Schema, such as "uri", "date-time" or
	// "password", or empty.
	Format string
	// Pattern is a regular expression that the text must match, or empty.
	Pattern string
	// Minimum and Maximum are the inclusive bounds of a number. An empty bound
	// is no limit.
	Minimum, Maximum json.Number
	// Fields holds the members of an Object in the order of the struct.
	Fields []Field
	// Items describes the items of a List and the values of a Map. It is nil
	// for other kinds.
	Items *Field

	goName    string       // as in error messages: pkg.Type.Field
	typ       reflect.Type // as declared
	base      reflect.Type // typ without pointers
	reads     bool         // base decodes itself from text or JSON
	tag       reflect.StructTag
	omittable bool  // the json tag has omitempty or omitzero
	index     []int // within the struct that has the field

	connector reflect.Type // the struct type of the connector, or nil within a list, map or pointer
	at        []int        // the field's index within connector
}

// Get returns the value of the field in c, which has the field's Go type. It
// returns nil if c is not a connector of the form's type, or if the field is
// within a list, a map or a pointer.
func (f Field) Get(c connector.Connector) any {
	if !f.within(c) {
		return nil
	}
	return reflect.ValueOf(c).Elem().FieldByIndex(f.at).Interface()
}

// With returns a shallow copy of c in which the field has the given value. The
// value must have the field's Go type or, if that is a pointer, the type it
// points to. It is an error if the value has another type, if c is not a
// connector of the form's type, or if the field is within a list, a map or a
// pointer. The error is an [*connector.Error] of kind Defect.
func (f Field) With(c connector.Connector, value any) (connector.Connector, error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() {
		return nil, connector.Errorf(connector.Defect, "set %s: want a %v, not nil", f.goName, f.typ)
	}
	for t := f.typ; t.Kind() == reflect.Pointer && !v.Type().AssignableTo(f.typ); t = t.Elem() {
		pointer := reflect.New(v.Type())
		pointer.Elem().Set(v)
		v = pointer
	}
	if !v.Type().AssignableTo(f.typ) {
		return nil, connector.Errorf(connector.Defect, "set %s: want a %v, not a %T", f.goName, f.typ, value)
	}
	return f.set(c, v)
}

// Without returns a shallow copy of c in which the field has the zero value of
// its Go type. It is an error if c is not a connector of the form's type, or if
// the field is within a list, a map or a pointer. The error is an
// [*connector.Error] of kind Defect.
func (f Field) Without(c connector.Connector) (connector.Connector, error) {
	return f.set(c, reflect.Zero(f.typ))
}

func (f Field) set(c connector.Connector, v reflect.Value) (connector.Connector, error) {
	if !f.within(c) {
		return nil, connector.Errorf(connector.Defect, "set %s: a %T has no such field", f.goName, c)
	}
	fresh := shallowCopy(reflect.ValueOf(c).Elem())
	fresh.FieldByIndex(f.at).Set(v)
	return fresh.Addr().Interface().(connector.Connector), nil
}

// within reports whether c is a connector that has the field.
func (f Field) within(c connector.Connector) bool {
	v := reflect.ValueOf(c)
	return f.connector != nil && v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem() == f.connector
}

// IsSecret reports whether a form must not show the value of the field: it is a
// connector.Secret, or text that rotates or has the format password. A list, map or
// object of secrets is not a secret itself.
func (f Field) IsSecret() bool { return f.Secret || f.taggedSecret() }

// holdsSecret reports whether the field or its items are secrets.
func (f *Field) holdsSecret() bool {
	return f.IsSecret() || f.Items != nil && f.Items.holdsSecret()
}

// shallowCopy returns an addressable copy of a struct.
func shallowCopy(v reflect.Value) reflect.Value {
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	return fresh
}

// join returns the dotted name of a member.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
