package config

import (
	"iter"
	"reflect"
)

// Walk returns the form's fields with the dotted name of each, such as
// "proxy.password", in order. It replaces an Object by its members, except for
// objects behind a pointer, which may be absent: those are fields like any
// other. Each of these fields supports [Field.Get], [Field.With] and
// [Field.Without].
func (f *Form) Walk() iter.Seq2[string, Field] {
	return func(yield func(string, Field) bool) { walk(f.fields, "", yield) }
}

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
