package jsonvalue

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
)

// A shape describes which parts of a JSON value are decoded into structs and integers.
// A nil *shape is a value without such parts. Types that refer to each other share
// their shapes, so a shape may contain itself.
type shape struct {
	kind shapeKind
	// fields are the shapes of the fields of a struct, by the names of their members.
	fields map[string]*shape
	// folded are the shapes of the fields by the names of their members in the form of
	// foldName, without those that must match exactly.
	folded map[string]*shape
	// names finds the fields. It is nil if they cannot be found by names alone, see
	// [pruner].
	names *nameTable
	// element is the shape of the elements of a list and of the values of a map.
	element *shape
}

type shapeKind uint8

const (
	shapeInteger shapeKind = iota
	shapeStruct
	shapeMap
	shapeList
)

var integerShape = &shape{kind: shapeInteger}

// A shapeBuilder holds the shapes that are being built.
type shapeBuilder map[reflect.Type]*shape

func (b shapeBuilder) build(t reflect.Type) *shape {
	for range 100 { // a type such as "type P *P" has no end
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	if t == bigIntType {
		return integerShape
	}
	if decodesItself(t) {
		return nil
	}
	if s, ok := b[t]; ok {
		return s
	}
	s := &shape{}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return integerShape
	case reflect.Struct:
		s.kind = shapeStruct
		b[t] = s
		b.addFields(s, t)
		return s
	case reflect.Map:
		s.kind = shapeMap
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 { // base64
			return nil
		}
		s.kind = shapeList
	default:
		return nil
	}
	b[t] = s
	s.element = b.build(t.Elem())
	if s.element == nil && t.Elem().Kind() != reflect.Map {
		// The decoder merges the maps that several members of one name hold. Of other
		// values, the last one counts without help.
		b[t] = nil
		return nil
	}
	return s
}

// addFields adds the fields of the struct type t.
func (b shapeBuilder) addFields(s *shape, t reflect.Type) {
	s.fields, s.folded = map[string]*shape{}, map[string]*shape{}
	fields, complete := fieldsOf(t)
	for name, c := range fields {
		s.fields[name] = b.build(c.t)
		if !c.tag.strict {
			s.folded[foldName(name)] = s.fields[name]
		}
	}
	if complete {
		s.names = newNameTable(s.fields)
	}
}

// fieldsOf returns the fields of the struct type t, also those of embedded structs, by the
// names of their members. Of several fields with the same name, the least nested one counts,
// then the only one of them that has a tag. complete is false if a member may be decoded into
// another field.
func fieldsOf(t reflect.Type) (fields map[string]*fieldCandidate, complete bool) {
	fields = map[string]*fieldCandidate{}
	level, visited := []reflect.Type{t}, map[reflect.Type]bool{}
	complete = true
	for len(level) > 0 {
		var next []reflect.Type
		found := map[string]*fieldCandidate{}
		for _, owner := range level {
			if visited[owner] {
				continue
			}
			visited[owner] = true
			for sf := range owner.Fields() {
				tag := parseTag(sf.Tag.Get("json"))
				complete = complete && !tag.unclear
				if embedded := embeddedStruct(sf, tag); embedded != nil {
					next = append(next, embedded)
				} else if tag.embed {
					complete = false // it may hold the members that have no field
				} else if sf.IsExported() && !tag.ignored {
					name := tag.name
					if name == "" {
						name = sf.Name
					}
					found[name] = found[name].or(&fieldCandidate{sf.Type, tag, 1})
				}
			}
		}
		for name, c := range found {
			if _, hidden := fields[name]; !hidden && c.n == 1 {
				fields[name] = c
			}
		}
		level = next
	}
	return fields, complete
}

// prunes reports whether a value of the shape s can be pruned: it contains structs all of
// whose fields are known, and no maps of lists, maps or structs, whose members must be
// unique as well.
func (s *shape) prunes(visited map[*shape]bool) bool {
	if s == nil || visited[s] {
		return true
	}
	visited[s] = true
	switch s.kind {
	case shapeStruct:
		if s.names == nil {
			return false
		}
		for _, f := range s.fields {
			if !f.prunes(visited) {
				return false
			}
		}
	case shapeMap:
		return s.element == integerShape
	case shapeList:
		return s.element.prunes(visited)
	}
	return true
}

// A fieldCandidate is a field at one level of nesting, or n fields that compete for one
// name.
type fieldCandidate struct {
	t   reflect.Type
	tag jsonTag
	n   int
}

func (c *fieldCandidate) or(other *fieldCandidate) *fieldCandidate {
	switch {
	case c == nil || c.tag.name == "" && other.tag.name != "":
		return other
	case c.tag.name == "" || other.tag.name != "":
		c.n++
	}
	return c
}

// A jsonTag is the json tag of a field.
type jsonTag struct {
	name                   string
	ignored, embed, strict bool
	unclear                bool // this package does not know the name or an option
}

func parseTag(tag string) (t jsonTag) {
	if tag == "-" {
		return jsonTag{ignored: true}
	}
	name, options, _ := strings.Cut(tag, ",")
	t.name = name
	t.unclear = strings.ContainsAny(tag, "\\'\"`")
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "embed":
			t.embed = true
		case "case:strict":
			t.strict = true
		}
	}
	return t
}

// embeddedStruct returns the struct type whose fields take the place of the field sf, or
// nil.
func embeddedStruct(sf reflect.StructField, tag jsonTag) reflect.Type {
	t := sf.Type
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	embedded := tag.embed || sf.Anonymous && tag.name == ""
	if tag.ignored || t.Kind() != reflect.Struct || !embedded || decodesItself(t) {
		return nil
	}
	return t
}

var (
	bigIntType              = reflect.TypeFor[big.Int]()
	jsonUnmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	jsonUnmarshalerFromType = reflect.TypeFor[jsonv2.UnmarshalerFrom]()
	textUnmarshalerType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decodesItself reports whether a method of the type decodes JSON.
func decodesItself(t reflect.Type) bool {
	if t == bigIntType {
		return false
	}
	for _, method := range []reflect.Type{jsonUnmarshalerType, jsonUnmarshalerFromType, textUnmarshalerType} {
		if t.Implements(method) || reflect.PointerTo(t).Implements(method) {
			return true
		}
	}
	return false
}

// foldName returns the form of a name that is the same for all names that
// strings.EqualFold calls equal.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			if 'a' <= r && r <= 'z' {
				r -= 'a' - 'A'
			}
			return r
		}
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, name)
}
