package schema

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A jsonField is a struct field that encoding/json writes.
type jsonField struct {
	name      string
	goName    string
	typ       reflect.Type
	index     []int
	tagged    bool // whether its json tag has a name
	hidden    bool // whether reflection does not allow its methods to be called
	omitEmpty bool
	omitZero  bool
	asText    bool // whether its value is in a string
}

// An embedding is a struct whose fields are members of another struct's
// object.
type embedding struct {
	typ   reflect.Type
	index []int
}

// jsonFields returns the fields of the struct type t that encoding/json writes,
// including those of embedded structs. Of several fields with the same name, it
// returns the one that Go's rules for embedded structs prefer, or none.
func jsonFields(t reflect.Type) []jsonField {
	var all []jsonField
	visited := map[reflect.Type]bool{}
	for level := []embedding{{typ: t}}; len(level) > 0; {
		var next []embedding
		added := map[reflect.Type]int{}
		for _, e := range level {
			if visited[e.typ] || added[e.typ] == 2 { // a third one changes nothing
				continue
			}
			added[e.typ]++
			for sf := range e.typ.Fields() {
				index := append(slices.Clone(e.index), sf.Index...)
				if f, inner := newJSONField(sf, index); inner != nil {
					next = append(next, embedding{inner, index})
				} else if f.typ != nil {
					all = append(all, f)
				}
			}
		}
		for typ := range added {
			visited[typ] = true
		}
		level = next
	}
	return dominantJSONFields(all)
}

// newJSONField returns the field sf. If it is an embedded struct whose fields are
// members themselves, it returns the type of that struct instead. If encoding/json
// does not write the field, both are zero.
func newJSONField(sf reflect.StructField, index []int) (f jsonField, inner reflect.Type) {
	elem := sf.Type
	if elem.Name() == "" && elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	tag := sf.Tag.Get("json")
	if tag == "-" || !sf.IsExported() && (!sf.Anonymous || elem.Kind() != reflect.Struct) {
		return jsonField{}, nil
	}
	name, options, _ := strings.Cut(tag, ",")
	if !isJSONName(name) {
		name = ""
	}
	if name == "" && sf.Anonymous && elem.Kind() == reflect.Struct {
		return jsonField{}, elem
	}
	return jsonField{
		name: cmp.Or(name, sf.Name), goName: sf.Name, typ: sf.Type, index: index, tagged: name != "", hidden: !sf.IsExported(),
		omitEmpty: hasOption(options, "omitempty"), omitZero: hasOption(options, "omitzero"),
		asText: hasOption(options, "string") && isTextable(elem),
	}, nil
}

// isTextable reports whether encoding/json obeys the option string of a field of
// the type t.
func isTextable(t reflect.Type) bool {
	return !marshalsItself(t) && (t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String)
}

// isJSONName reports whether encoding/json accepts the name in a tag.
func isJSONName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

// dominantJSONFields selects one field for each name: the least nested one, and
// among several of these the one with a name in its json tag. If that is not one
// field, it selects none.
func dominantJSONFields(all []jsonField) []jsonField {
	slices.SortStableFunc(all, func(a, b jsonField) int {
		if c := cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index))); c != 0 || a.tagged == b.tagged {
			return c
		}
		if a.tagged {
			return -1
		}
		return 1
	})
	var fields []jsonField
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n].name == all[i].name {
			n++
		}
		if n == 1 || len(all[i].index) != len(all[i+1].index) || all[i].tagged != all[i+1].tagged {
			fields = append(fields, all[i])
		}
		i += n
	}
	slices.SortFunc(fields, func(a, b jsonField) int { return slices.Compare(a.index, b.index) })
	return fields
}
