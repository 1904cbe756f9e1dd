package jsonvalue

import (
	"bytes"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// A memoryPlan describes the memory of the values of a Go type. Types that refer to each
// other share their plans, so a plan may contain itself.
type memoryPlan struct {
	kind memoryKind
	// header is the number of bytes that a value takes without its elements and members, and
	// size that of each element or member, or of what a pointer points to. What contains a
	// value, such as a struct, has space for the value itself.
	header, size int64
	element      *memoryPlan // of a list, a map or a pointer
	fields       map[string]*memoryField
	folded       map[string]*memoryField // by the names in the form of foldName
	all          cost                    // of each value in a memoryAny
}

// A memoryField is a field of a struct.
type memoryField struct {
	name string
	plan *memoryPlan
}

type memoryKind uint8

const (
	// The memory of values of other types is about that of their text: they are scalars, or
	// text that stays as it is.
	memoryOfText memoryKind = iota
	memoryAny               // the type of the values in it is not known
	memoryNumber
	memoryPointer
	memoryList
	memoryArray
	memoryMap
	memoryStruct
)

// listHeader is about the number of bytes that a list takes in addition to its elements.
const listHeader = 16

// A memoryBuilder holds the plans that are being built.
type memoryBuilder map[reflect.Type]*memoryPlan

func (b memoryBuilder) build(t reflect.Type) *memoryPlan {
	if p, ok := b[t]; ok {
		return p
	}
	p := &memoryPlan{}
	b[t] = p
	switch kind := t.Kind(); {
	case kind == reflect.Pointer:
		p.kind, p.size, p.element = memoryPointer, int64(t.Elem().Size()), b.build(t.Elem())
	case t == bigIntType:
		p.kind = memoryNumber
	case t == rawMessageType || t == timeType:
	case kind == reflect.Interface || decodesItself(t):
		b.any(p, t) // a method can decode the text into all that the type has
	case kind == reflect.Map:
		p.kind, p.header = memoryMap, anyValue
		b.addElement(p, t, max(anyValue, anyValue/2+int64(t.Elem().Size())))
	case (kind == reflect.Slice || kind == reflect.Array) && t.Elem().Kind() == reflect.Uint8: // base64
	case kind == reflect.Slice:
		p.kind, p.header = memoryList, listHeader
		b.addElement(p, t, int64(t.Elem().Size()))
	case kind == reflect.Array:
		p.kind, p.element = memoryArray, b.build(t.Elem())
	case kind == reflect.Struct:
		b.addFields(p, t)
	}
	return p
}

// addElement adds the plan of the elements of a list or a map.
func (b memoryBuilder) addElement(p *memoryPlan, t reflect.Type, size int64) {
	p.element = b.build(t.Elem())
	p.size = size
	if p.element.kind == memoryAny {
		p.size = max(0, size-p.element.all.perValue) // which the element counts
	}
}

// any makes p the plan of a type about whose text nothing is known. The value and each one in
// it count as the largest one that the type has.
func (b memoryBuilder) any(p *memoryPlan, t reflect.Type) {
	*p = memoryPlan{kind: memoryAny}
	p.all.addParts(t, map[reflect.Type]bool{t: true})
}

func (b memoryBuilder) addFields(p *memoryPlan, t reflect.Type) {
	fields, complete := fieldsOf(t)
	if !complete {
		b.any(p, t)
		return
	}
	p.kind, p.header = memoryStruct, embeddedSize(t, 0)
	p.fields, p.folded = map[string]*memoryField{}, map[string]*memoryField{}
	for name, c := range fields {
		f := &memoryField{name, b.build(c.t)}
		p.fields[name] = f
		if c.tag.strict {
			continue
		}
		if other := p.folded[foldName(name)]; other != nil && other.plan != f.plan {
			f = &memoryField{name: name, plan: &memoryPlan{}} // a name may match either of them
			b.any(f.plan, t)
		}
		p.folded[foldName(name)] = f
	}
}

// embeddedSize returns the size of the structs that pointers embed in the struct type t, which
// is embedded in depth others.
func embeddedSize(t reflect.Type, depth int) (n int64) {
	for sf := range t.Fields() {
		embedded := embeddedStruct(sf, parseTag(sf.Tag.Get("json")))
		if embedded == nil || depth > maxEmbedded {
			continue
		}
		if sf.Type.Kind() == reflect.Pointer {
			n += int64(embedded.Size())
		}
		n += embeddedSize(embedded, depth+1)
	}
	return n
}

// field returns the field that is decoded from the member with a name, which is given as it
// is between the quotation marks, or nil.
func (p *memoryPlan) field(name []byte) *memoryField {
	if bytes.IndexByte(name, '\\') >= 0 {
		name, _ = jsontext.AppendUnquote(nil, `"`+string(name)+`"`)
	}
	if f, ok := p.fields[string(name)]; ok {
		return f
	}
	return p.folded[foldName(string(name))]
}
