package config

import (
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"
)

// mapping sets a map from a JSON object.
func (d *decoder) mapping(f *Field, v reflect.Value, in input) {
	members, ok := d.members(in.object(), in.path)
	if !ok {
		return
	}
	t := v.Type()
	m := reflect.MakeMapWithSize(t, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		elem := reflect.New(t.Elem()).Elem()
		at := join(in.path, name)
		if !utf8.ValidString(name) {
			d.report(at, "want a name in valid UTF-8")
			continue
		}
		d.item(f.Items, elem, members[name], at)
		m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), elem)
	}
	v.Set(m)
}
