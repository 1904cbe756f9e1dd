// Package loss finds what is lost when JSON is decoded into Go values. A null in a field
// of type int64, for example, leaves 0, and a row then contains 0 as if the source had
// sent it. A number with 19 digits in a field of type float64 keeps 15 to 17 of them.
package loss

import (
	"reflect"
	"strings"
	"sync"
)

// A Plan describes where a value is lost when a record is decoded into a Go type.
// A nil *Plan means that nothing is lost. A Plan is immutable.
type Plan struct {
	root *content
	// nulls and floats are where nulls and the digits of numbers are lost.
	nulls, floats places
	// bits is the size of the smallest float, or 0 if there is none.
	bits int
	// hasList reports whether the type may contain a list of records.
	hasList bool
}

// places describes where a value is lost.
type places struct {
	// names are the names of members, in lower case.
	names map[string]bool
	// inLists and inMaps report whether a value is lost as an element of an array
	// and as a value of a map.
	inLists, inMaps bool
}

// any reports whether there is a place.
func (p *places) any() bool { return len(p.names) > 0 || p.inLists || p.inMaps }

// content describes the members of an object or the elements of an array. Types
// that refer to each other share it, so it may contain itself.
type content struct {
	members map[string]*place // by the names of the members
	folded  map[string]*place // by their names in lower case
	element *place            // of the elements of an array or the values of a map
	isMap   bool
}

// A place is where a value is decoded to.
type place struct {
	field   *Field   // nil if a null is not lost here
	float   *Field   // nil if the digits of a number are not lost here
	content *content // nil if nothing is lost within the value
}

type planKey struct {
	t     reflect.Type
	cells bool
}

var plans sync.Map // planKey to *Plan

// For returns the plan for records that are decoded into the type T.
func For[T any]() *Plan { return planOf(reflect.TypeFor[T](), false) }

// ForCells returns the plan for records whose values are cells of text, in which
// an empty cell is a null. A string loses no such null.
func ForCells[T any]() *Plan { return planOf(reflect.TypeFor[T](), true) }

func planOf(t reflect.Type, cells bool) *Plan {
	key := planKey{t, cells}
	if p, ok := plans.Load(key); ok {
		return p.(*Plan)
	}
	b := builder{cells: cells, known: map[reflect.Type]*content{}, plan: &Plan{nulls: places{names: map[string]bool{}}, floats: places{names: map[string]bool{}}}}
	b.plan.root = b.contentOf(t, t.String())
	p := b.plan
	p.hasList = hasList(t, map[reflect.Type]bool{})
	if !p.nulls.any() && !p.floats.any() {
		p = nil
	}
	plans.Store(key, p)
	return p
}

// A builder builds a plan.
type builder struct {
	cells bool
	known map[reflect.Type]*content
	plan  *Plan
}

// contentOf returns the content of values of the type t, or nil if it has none in
// which a value can be lost. The owner is the field that has the type.
func (b *builder) contentOf(t reflect.Type, owner string) *content {
	for range 100 { // a type such as "type P *P" has no end
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	if decodesItself(t) || isBytes(t) {
		return nil
	}
	if c, ok := b.known[t]; ok {
		return c
	}
	c := &content{isMap: t.Kind() == reflect.Map}
	what := "the elements of "
	switch t.Kind() {
	case reflect.Struct:
		b.known[t] = c
		b.addFields(c, t)
		return c
	case reflect.Map:
		what = "the values of "
	case reflect.Slice, reflect.Array:
	default:
		return nil
	}
	b.known[t] = c // a type can be a list of itself
	defer delete(b.known, t)
	c.element = &place{content: b.contentOf(t.Elem(), owner)}
	if b.loses(t.Elem()) {
		c.element.field = newField(what+owner, t.Elem())
		b.plan.nulls.addElements(c)
	}
	if b.addFloat(c.element, what+owner, t.Elem()) {
		b.plan.floats.addElements(c)
	}
	return c
}

// addElements adds the elements of an array or the values of a map.
func (p *places) addElements(c *content) {
	p.inMaps = p.inMaps || c.isMap
	p.inLists = p.inLists || !c.isMap
}

// addFloat reports whether values of the type t are floats, and lets p report their lost
// digits.
func (b *builder) addFloat(p *place, owner string, t reflect.Type) bool {
	bits := floatBits(t)
	if bits == 0 {
		return false
	}
	p.float = newFloatField(owner, t, bits)
	if b.plan.bits == 0 || bits < b.plan.bits {
		b.plan.bits = bits
	}
	return true
}

// addFields adds the members of the struct type t. Of several fields with the
// same name, the least nested one counts.
func (b *builder) addFields(c *content, t reflect.Type) {
	c.members, c.folded = map[string]*place{}, map[string]*place{}
	level := []reflect.Type{t}
	visited := map[reflect.Type]bool{}
	for len(level) > 0 {
		var next []reflect.Type
		for _, s := range level {
			if visited[s] {
				continue
			}
			visited[s] = true
			for sf := range s.Fields() {
				if embedded := embeddedStruct(sf); embedded != nil {
					next = append(next, embedded)
				} else {
					b.addField(c, s, sf)
				}
			}
		}
		level = next
	}
}

func (b *builder) addField(c *content, owner reflect.Type, sf reflect.StructField) {
	tag := sf.Tag.Get("json")
	if !sf.IsExported() || tag == "-" {
		return
	}
	name, options, _ := strings.Cut(tag, ",")
	if name == "" {
		name = sf.Name
	}
	if c.members[name] != nil {
		return
	}
	goName := owner.String() + "." + sf.Name
	p := &place{content: b.contentOf(sf.Type, goName)}
	// A field that is omitted from the row if it is zero is null at the
	// destination, and one that is no column is not delivered.
	omitted := hasOption(options, "omitempty") || hasOption(options, "omitzero") || sf.Tag.Get("schema") == "-"
	if !omitted && b.loses(sf.Type) {
		p.field = newField(goName, sf.Type)
		b.plan.nulls.names[strings.ToLower(name)] = true
	}
	if sf.Tag.Get("schema") != "-" && b.addFloat(p, goName, sf.Type) {
		b.plan.floats.names[strings.ToLower(name)] = true
	}
	c.members[name] = p
	if folded := strings.ToLower(name); c.folded[folded] == nil {
		c.folded[folded] = p
	}
}

// loses reports whether a null that is decoded into the type t is lost.
func (b *builder) loses(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan:
		return false
	case reflect.String:
		if b.cells && !decodesItself(t) {
			return false
		}
	}
	switch {
	case isTime(t), isSQLNull(t), t == jsonNumberType:
		return false
	case implements(t, jsonUnmarshalerType), implements(t, jsonUnmarshalerFromType):
		return !keepsNull(t)
	}
	return true
}
