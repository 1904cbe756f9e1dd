package config

import (
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// mapping sets a map from a JSON object.
func (d *decoder) mapping(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	members, ok := d.members(raw, path)
	if !ok {
		return
	}
	t := v.Type()
	m := reflect.MakeMapWithSize(t, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		elem := reflect.New(t.Elem()).Elem()
		at := join(path, name)
		if !utf8.ValidString(name) {
			d.report(at, "want a name in valid UTF-8")
			continue
		}
		d.item(f.Items, elem, members[name], at)
		m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), elem)
	}
	v.Set(m)
}
