package config

import (
	"iter"
	"reflect"
)

// Walk iterates over the fields of the form in order, with the dotted name of
// each, such as "proxy.password". It visits the members of an Object instead of
// the Object. The exception is an Object behind a pointer: Walk visits the
// Object itself, because it may be absent. Every field that Walk visits
// supports [Field.Get], [Field.With] and [Field.Without].
func (f *Form) Walk() iter.Seq2[string, Field] {
	return func(yield func(string, Field) bool) { walk(f.fields, "", yield) }
}

// walk calls yield for each field. It reports whether yield wants more fields.
func walk(fields []Field, prefix string, yield func(string, Field) bool) bool {
	for _, f := range fields {
		path := join(prefix, f.Name)
		if f.Kind == Object && f.typ.Kind() == reflect.Struct {
			if !walk(f.Fields, path, yield) {
				return false
			}
			continue
		}
		if !yield(path, f) {
			return false
		}
	}
	return true
}
