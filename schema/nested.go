package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

var nestedCache sync.Map // reflect.Type to nestedEntry

// A nestedEntry is the result of compiling a type. While the type is being
// compiled, both fields are nil.
type nestedEntry struct {
	write writeFunc
	err   error
}

// nestedFunc returns a function that writes values of the Go type t as nested
// JSON. The form is that of encoding/json, with these exceptions: HTML is not
// escaped, an empty json.Number or Decimal is null, and a method with a pointer
// receiver is called even if the value is not addressable.
//
// Types that consist of plain parts are written directly. Types with a
// marshaling method and types that use the rarer features of encoding/json are
// passed to that package.
func nestedFunc(t reflect.Type) (writeFunc, error) {
	if e, ok := nestedCache.Load(t); ok {
		return e.(nestedEntry).write, e.(nestedEntry).err
	}
	write, err := compileNested(t, map[reflect.Type]*nestedEntry{})
	nestedCache.Store(t, nestedEntry{write, err})
	return write, err
}

// compileNested implements nestedFunc. It records each type in known, so that
// types that refer to each other are compiled once and not once per path.
func compileNested(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	e := known[t]
	if e == nil {
		e = new(nestedEntry)
		known[t] = e
		e.write, e.err = compileNestedType(t, known)
		return e.write, e.err
	}
	if e.write != nil || e.err != nil {
		return e.write, e.err
	}
	// The type contains itself, so a value may contain itself too.
	return func(w *rowWriter, v reflect.Value) error {
		if w.depth++; w.depth > maxDepth {
			return errTooDeep()
		}
		err := e.write(w, v)
		w.depth--
		return err
	}, nil
}

func compileNestedType(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	if write := nestedScalar(t); write != nil {
		return write, nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return compileNestedStruct(t, known)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		inner, err := compileNested(t.Elem(), known)
		if err != nil {
			return nil, err
		}
		switch t.Kind() {
		case reflect.Pointer:
			return nestedPointer(inner), nil
		case reflect.Map:
			return nestedMap(t, inner), nil
		}
		return nestedList(inner), nil
	}
	return nil, fmt.Errorf("%v has no JSON form", t)
}

// nestedScalar returns a function that writes values of the type t, or nil if
// the type's elements or fields must be compiled first.
func nestedScalar(t reflect.Type) writeFunc {
	switch t {
	case timeType:
		return (*rowWriter).nestedTime
	case decimalType:
		return func(w *rowWriter, v reflect.Value) error { return w.textOrNull(TypeDecimal, v.String()) }
	case jsonNumberType:
		return func(w *rowWriter, v reflect.Value) error { return w.jsonNumber(TypeJSON, json.Number(v.String())) }
	case rawMessageType, rawValueType:
		return func(w *rowWriter, v reflect.Value) error { return w.raw(TypeJSON, v.Bytes()) }
	}
	switch {
	case marshalsItself(t):
		return (*rowWriter).marshal
	case isLeftToJSON(t):
		return marshalFunc(t)
	}
	switch t.Kind() {
	case reflect.Bool:
		return func(w *rowWriter, v reflect.Value) error { return w.bool(TypeJSON, v.Bool()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(w *rowWriter, v reflect.Value) error { return w.int(TypeJSON, v.Int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(w *rowWriter, v reflect.Value) error { return w.uint(TypeJSON, v.Uint()) }
	case reflect.Float32, reflect.Float64:
		bits := t.Bits()
		return func(w *rowWriter, v reflect.Value) error { return w.float(TypeJSON, v.Float(), bits) }
	case reflect.String:
		return func(w *rowWriter, v reflect.Value) error { w.string(v.String()); return nil }
	case reflect.Interface:
		return func(w *rowWriter, v reflect.Value) error {
			if v.IsNil() {
				w.null()
				return nil
			}
			return w.nested(v.Elem().Interface())
		}
	}
	return nil
}

// isLeftToJSON reports whether encoding/json writes values of the slice or map
// type t: it encodes bytes as base64 and formats keys that are not plain
// strings.
func isLeftToJSON(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8
	case reflect.Map:
		return t.Key().Kind() != reflect.String || isTextMarshaler(t.Key())
	}
	return false
}

func nestedPointer(inner writeFunc) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		if v.IsNil() {
			w.null()
			return nil
		}
		return inner(w, v.Elem())
	}
}

func nestedList(inner writeFunc) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		if v.Kind() == reflect.Slice && v.IsNil() {
			w.null()
			return nil
		}
		w.b = append(w.b, '[')
		for i := range v.Len() {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			if err := inner(w, v.Index(i)); err != nil {
				return within(err, strconv.Itoa(i))
			}
		}
		w.b = append(w.b, ']')
		return nil
	}
}

func nestedMap(t reflect.Type, inner writeFunc) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		if v.IsNil() {
			w.null()
			return nil
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		elem := reflect.New(t.Elem()).Elem() // a writeFunc needs an addressable value
		w.b = append(w.b, '{')
		for i, k := range keys {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.string(k.String())
			w.b = append(w.b, ':')
			elem.Set(v.MapIndex(k))
			if err := inner(w, elem); err != nil {
				return within(err, k.String())
			}
		}
		w.b = append(w.b, '}')
		return nil
	}
}

// A nestedField describes how one field of a nested struct is written.
type nestedField struct {
	name      string // the name as a JSON string, followed by a colon
	index     int
	omitEmpty bool
	omitZero  bool
	write     writeFunc
}

func compileNestedStruct(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	var fields []nestedField
	seen := map[string]bool{}
	for sf := range t.Fields() {
		tag := sf.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case sf.Anonymous, hasOption(options, "string"), strings.ContainsFunc(name, isUncommon):
			return marshalFunc(t), nil
		case !sf.IsExported(), tag == "-":
			continue
		}
		if name == "" {
			name = sf.Name
		}
		if seen[name] {
			return marshalFunc(t), nil
		}
		seen[name] = true
		write, err := compileNested(sf.Type, known)
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, sf.Name, err)
		}
		fields = append(fields, nestedField{
			name: quotedName(name), index: sf.Index[0], write: write,
			omitEmpty: hasOption(options, "omitempty"), omitZero: hasOption(options, "omitzero"),
		})
	}
	return nestedStruct(fields), nil
}

func nestedStruct(fields []nestedField) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		w.b = append(w.b, '{')
		first := true
		for i := range fields {
			f := &fields[i]
			fv := v.Field(f.index)
			if f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv) {
				continue
			}
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			w.b = append(w.b, f.name...)
			if err := f.write(w, fv); err != nil {
				return within(err, f.name[1:len(f.name)-len(`":`)])
			}
		}
		w.b = append(w.b, '}')
		return nil
	}
}

// isUncommon reports whether a name with the character r may be one that
// encoding/json does not accept in a tag.
func isUncommon(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-. $@:/", r)
}
