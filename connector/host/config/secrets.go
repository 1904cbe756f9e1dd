package config

import (
	"reflect"

	"github.com/penstock-sdk/penstock/connector"
)

// Secrets returns the values of all secrets in a connector, except empty ones. It
// finds each [connector.Secret] in exported and unexported fields, in lists and
// maps, and behind pointers, up to 20 levels deep. The same value may occur
// several times in the result.
func Secrets(c connector.Connector) []string {
	return secretsIn(reflect.ValueOf(c))
}

// Secrets returns the secrets that the function Secrets returns and, in addition, the
// values of text fields that are tagged as secrets although their type is not
// [connector.Secret]: those with the format password, and those that rotate. It returns
// only the former if c is not a connector of the form's type.
func (f *Form) Secrets(c connector.Connector) []string {
	found := Secrets(c)
	if v := reflect.ValueOf(c); v.Kind() == reflect.Pointer && v.Type().Elem() == f.defaults.Type() && !v.IsNil() {
		found = appendTagged(found, Field{Kind: Object, Fields: f.fields}, v)
	}
	return found
}

// taggedSecret reports whether the tags of a field say that it is a secret.
func (f *Field) taggedSecret() bool {
	return f.Kind == Text && (f.Rotates || f.Format == "password")
}

// appendTagged appends the values within v, which is the value of the field f, of the
// text fields that are tagged as secrets.
func appendTagged(found []string, f Field, v reflect.Value) []string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return found
		}
		v = v.Elem()
	}
	switch {
	case f.Kind == Object:
		for _, member := range f.Fields {
			found = appendTagged(found, member, v.FieldByIndex(member.index))
		}
	case f.Kind == List && f.Items != nil:
		for i := range v.Len() {
			found = appendTagged(found, *f.Items, v.Index(i))
		}
	case f.Kind == Map && f.Items != nil:
		for _, item := range v.Seq2() {
			found = appendTagged(found, *f.Items, item)
		}
	case f.taggedSecret() && v.Kind() == reflect.String && v.Len() > 0:
		found = append(found, v.String())
	}
	return found
}

// secretsIn returns the values of all secrets within v.
func secretsIn(v reflect.Value) []string {
	s := secretSearch{reached: map[pointed]int{}}
	s.value(v, 0)
	return s.found
}

// A secretSearch collects secrets. It follows a pointer again only if it reaches
// it at a smaller depth: values that point to each other have an exponential
// number of paths.
type secretSearch struct {
	found   []string
	reached map[pointed]int // the depth at which each pointer was followed
}

// A pointed identifies the target of a pointer. A struct has the same address as
// its first field.
type pointed struct {
	at  uintptr
	typ reflect.Type
}

// value searches v.
func (s *secretSearch) value(v reflect.Value, depth int) {
	if depth > 20 || !v.IsValid() || !mayHoldSecret(v.Type()) {
		return
	}
	if v.Type() == secretType {
		if v.Len() > 0 {
			s.found = append(s.found, v.String())
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		target := pointed{v.Pointer(), v.Type()}
		if before, ok := s.reached[target]; ok && before <= depth {
			return
		}
		s.reached[target] = depth
		s.value(v.Elem(), depth+1)
	case reflect.Interface:
		s.value(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			s.value(v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if !mayHoldSecret(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			s.value(v.Index(i), depth+1)
		}
	case reflect.Map:
		if !mayHoldSecret(v.Type().Key()) && !mayHoldSecret(v.Type().Elem()) {
			return
		}
		for k, e := range v.Seq2() {
			s.value(k, depth+1)
			s.value(e, depth+1)
		}
	}
}

// mayHoldSecret reports whether values of the type may contain a secret. It keeps
// the search out of plain data and of the internals of the standard library.
func mayHoldSecret(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		switch t.PkgPath() {
		case "sync", "time", "net/http", "net/url", "reflect", "context", "database/sql", "log/slog":
			return false
		}
		return true
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return t == secretType
}
