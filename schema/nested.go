package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

var nestedCache sync.Map // reflect.Type to nestedEntry

type nestedEntry struct {
	write writeFunc
	err   error
}

// nestedFunc returns what writes values of the Go type as nested JSON, in the
// form that encoding/json gives them, but that HTML is not escaped, that an
// empty json.Number or Decimal is null, and that a method with a pointer
// receiver is called whether or not the value has an address.
// Types of plain parts are written without detour; those with a marshaler of
// their own, and the rarer features of encoding/json, go through it.
func nestedFunc(t reflect.Type) (writeFunc, error) {
	if e, ok := nestedCache.Load(t); ok {
		return e.(nestedEntry).write, e.(nestedEntry).err
	}
	write, err := compileNested(t, map[reflect.Type]*nestedEntry{})
	nestedCache.Store(t, nestedEntry{write, err})
	return write, err
}

// compileNested is nestedFunc with what it has compiled so far, so that types
// which refer to each other are compiled once and not once for each path.
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
	// The type holds itself, so that its values may.
	return func(w *rowWriter, v reflect.Value) error {
		if w.depth++; w.depth > maxDepth {
			return errTooDeep
		}
		err := e.write(w, v)
		w.depth--
		return err
	}, nil
}

func compileNestedType(t reflect.Type, known map[reflect.Type]*nestedEntry) (writeFunc, error) {
	switch t {
	case timeType:
		return (*rowWriter).nestedTime, nil
	case decimalType:
		return func(w *rowWriter, v reflect.Value) error { return w.textOrNull(TypeDecimal, v.String()) }, nil
	case jsonNumberType:
		return func(w *rowWriter, v reflect.Value) error { return w.jsonNumber(TypeJSON, json.Number(v.String())) }, nil
	case rawMessageType, rawValueType:
		return func(w *rowWriter, v reflect.Value) error { return w.raw(TypeJSON, v.Bytes()) }, nil
	}
	if isJSONMarshaler(t) || isTextMarshaler(t) {
		return (*rowWriter).marshal, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return func(w *rowWriter, v reflect.Value) error { return w.bool(TypeJSON, v.Bool()) }, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(w *rowWriter, v reflect.Value) error { return w.int(TypeJSON, v.Int()) }, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(w *rowWriter, v reflect.Value) error { return w.uint(TypeJSON, v.Uint()) }, nil
	case reflect.Float32, reflect.Float64:
		bits := t.Bits()
		return func(w *rowWriter, v reflect.Value) error { return w.float(TypeJSON, v.Float(), bits) }, nil
	case reflect.String:
		return func(w *rowWriter, v reflect.Value) error { w.string(v.String()); return nil }, nil
	case reflect.Interface:
		return func(w *rowWriter, v reflect.Value) error {
			if v.IsNil() {
				w.null()
				return nil
			}
			return w.nested(v.Elem().Interface())
		}, nil
	case reflect.Pointer:
		inner, err := compileNested(t.Elem(), known)
		if err != nil {
			return nil, err
		}
		return func(w *rowWriter, v reflect.Value) error {
			if v.IsNil() {
				w.null()
				return nil
			}
			return inner(w, v.Elem())
		}, nil
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return (*rowWriter).marshal, nil
		}
		inner, err := compileNested(t.Elem(), known)
		if err != nil {
			return nil, err
		}
		return nestedList(inner), nil
	case reflect.Map:
		if t.Key().Kind() != reflect.String || isTextMarshaler(t.Key()) {
			return (*rowWriter).marshal, nil
		}
		inner, err := compileNested(t.Elem(), known)
		if err != nil {
			return nil, err
		}
		return nestedMap(t, inner), nil
	case reflect.Struct:
		return compileNestedStruct(t, known)
	}
	return nil, fmt.Errorf("%v has no JSON form", t)
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
				return err
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
		elem := reflect.New(t.Elem()).Elem() // map elements have no address, writeFuncs want one
		w.b = append(w.b, '{')
		for i, k := range keys {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.string(k.String())
			w.b = append(w.b, ':')
			elem.Set(v.MapIndex(k))
			if err := inner(w, elem); err != nil {
				return err
			}
		}
		w.b = append(w.b, '}')
		return nil
	}
}

type nestedField struct {
	name      string // quoted, with the colon
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
			return (*rowWriter).marshal, nil
		case !sf.IsExported(), tag == "-":
			continue
		}
		if name == "" {
			name = sf.Name
		}
		if seen[name] {
			return (*rowWriter).marshal, nil
		}
		seen[name] = true
		write, err := compileNested(sf.Type, known)
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, sf.Name, err)
		}
		var quoted rowWriter
		quoted.string(name)
		fields = append(fields, nestedField{
			name: string(quoted.b) + ":", index: sf.Index[0], write: write,
			omitEmpty: hasOption(options, "omitempty"), omitZero: hasOption(options, "omitzero"),
		})
	}
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
				return err
			}
		}
		w.b = append(w.b, '}')
		return nil
	}, nil
}

// isUncommon reports whether a character may make encoding/json ignore the name
// in a tag.
func isUncommon(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-. $@:/", r)
}
