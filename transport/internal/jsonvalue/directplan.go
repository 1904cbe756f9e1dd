package jsonvalue

import (
	"reflect"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// A target describes how a [directReader] reads a value of a Go type. Types that refer to
// each other share their targets, so a target may contain itself.
type target struct {
	typ     reflect.Type
	kind    targetKind
	element *target // of a list, or what a pointer points to

	list         int // the number of a list among those of the plan
	empty        sliceHeader
	keepsAddress bool // of an element, see [KeepsAddress]

	names  nameTable // of the fields of a struct
	fields []targetField
}

// A targetField is a field of a struct, or of a struct that is embedded in it.
type targetField struct {
	target *target
	offset uintptr
	start  string // of a member: its name as most sources write it, and a colon
}

type targetKind uint8

const (
	// The decoder reads values of other types.
	targetOther targetKind = iota
	targetBool
	targetInt
	targetUint
	targetFloat
	targetString
	targetTime
	targetRaw
	targetMethod // UnmarshalJSON
	targetPointer
	targetList
	targetStruct
)

// A targetBuilder holds the targets that are being built.
type targetBuilder struct {
	known map[reflect.Type]*target
	lists int
}

// directTarget returns the target of the type t and the number of lists in it. The target is
// nil if values of the type are not read directly.
func directTarget(t reflect.Type) (direct *target, lists int) {
	b := targetBuilder{known: map[reflect.Type]*target{}}
	s := b.build(t)
	if s.kind == targetStruct || s.kind == targetList {
		return s, b.lists
	}
	return nil, 0
}

func (b *targetBuilder) build(t reflect.Type) *target {
	if s, ok := b.known[t]; ok {
		return s
	}
	s := &target{typ: t}
	b.known[t] = s
	s.kind = kindOf(t)
	switch s.kind {
	case targetPointer:
		b.addElement(s, t)
	case targetList:
		s.list = b.lists
		b.lists++
		s.keepsAddress = KeepsAddress(t.Elem())
		s.empty = sliceHeader{start: reflect.MakeSlice(t, 0, 0).UnsafePointer()} // not nil
		b.addElement(s, t)
	case targetStruct:
		// The decoder refuses some types as a whole.
		if jsonv2.Unmarshal([]byte("{}"), reflect.New(t).Interface(), anyNames) != nil || !b.addFields(s, t, 0, 0) {
			*s = target{typ: t}
		}
	}
	return s
}

// addElement adds the element of the type t. If the decoder reads the elements, it reads all
// of them at once.
func (b *targetBuilder) addElement(s *target, t reflect.Type) {
	if s.element = b.build(t.Elem()); s.element.kind == targetOther {
		s.kind = targetOther
	}
}

func kindOf(t reflect.Type) targetKind {
	switch t {
	case timeType:
		return targetTime
	case rawMessageType:
		return targetRaw
	case jsonNumberType, durationType: // the decoder treats them in a special way
		return targetOther
	}
	if t.Kind() == reflect.Pointer {
		return targetPointer
	}
	if t.Kind() != reflect.Interface && implements(t, jsonUnmarshalerType) && !implements(t, jsonUnmarshalerFromType) {
		return targetMethod
	}
	if decodesItself(t) {
		return targetOther
	}
	switch t.Kind() {
	case reflect.Bool:
		return targetBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return targetInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return targetUint
	case reflect.Float32, reflect.Float64:
		return targetFloat
	case reflect.String:
		return targetString
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // base64
			return targetList
		}
	case reflect.Struct:
		return targetStruct
	}
	return targetOther
}

func implements(t, method reflect.Type) bool {
	return t.Implements(method) || reflect.PointerTo(t).Implements(method)
}

// addFields adds the fields of the struct type t, which is embedded in depth others and
// begins at an offset. It reports false if a tag has an option that matters to the decoder,
// or if two names match without regard to case.
func (b *targetBuilder) addFields(s *target, t reflect.Type, offset uintptr, depth int) bool {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !plainOptions(options) {
			return false
		}
		at := offset + sf.Offset
		switch {
		case sf.Anonymous && name == "":
			if kindOf(sf.Type) != targetStruct || depth > maxEmbedded || !b.addFields(s, sf.Type, at, depth+1) {
				return false
			}
			continue
		case !sf.IsExported():
			if sf.Anonymous {
				return false
			}
			continue
		case name == "":
			name = sf.Name
		}
		if !plainName(name) || !s.names.add(name, nil) {
			return false
		}
		s.fields = append(s.fields, targetField{b.build(sf.Type), at, `"` + name + `":`})
	}
	return true
}

// maxEmbedded limits how deep structs are embedded in each other.
const maxEmbedded = 8

// plainOptions reports whether the options of a json tag do not matter to the decoder.
func plainOptions(options string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option != "" && option != "omitempty" && option != "omitzero" {
			return false
		}
	}
	return true
}

// plainName reports whether a name consists of printable ASCII characters that need no
// quotes in a tag.
func plainName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || strings.IndexByte("\"\\'`", c) >= 0 {
			return false
		}
	}
	return name != ""
}

var durationType = reflect.TypeFor[time.Duration]()
