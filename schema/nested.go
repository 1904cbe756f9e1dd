package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
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
// escaped, an empty json.Number or Decimal and a time that was never set are
// null, a nullable type of database/sql is its value or null, a type that has a
// time but no JSON form of its own is that time, and a method with a pointer
// receiver is called even if the value is not addressable.
//
// Only types with a marshaling method are passed to encoding/json.
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
	if inner, ok := sqlNull(t); ok {
		write, err := compileNested(inner, known)
		return sqlNullFunc(write), err
	}
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
			return nestedMap(t, inner)
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
		return func(w *rowWriter, v reflect.Value) error { return w.decimal(TypeJSON, v.String()) }
	case jsonNumberType:
		return func(w *rowWriter, v reflect.Value) error { return w.jsonNumber(TypeJSON, json.Number(v.String())) }
	case rawMessageType, rawValueType:
		return func(w *rowWriter, v reflect.Value) error { return w.raw(TypeJSON, v.Bytes()) }
	case stringsType:
		return func(w *rowWriter, v reflect.Value) error {
			w.strings(*v.Addr().Interface().(*[]string))
			return nil
		}
	}
	switch timeOf := timeFunc(t); {
	case timeOf != nil && marshalsItself(t):
		return func(w *rowWriter, v reflect.Value) error {
			if _, ok := timeOf(v); !ok {
				w.null()
				return nil
			}
			return w.marshal(v)
		}
	case timeOf != nil:
		return timeWriter(timeOf, TypeJSON)
	case t.Kind() == reflect.Pointer:
		return nil // a nil is null, whatever methods the type has
	case t.Kind() != reflect.Interface && marshalsItself(t): // for an interface, its value decides
		return (*rowWriter).marshal
	}
	return nestedKind(t)
}

// nestedKind returns a function that writes values of the type t, which has no
// methods that matter, or nil.
func nestedKind(t reflect.Type) writeFunc {
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
	case reflect.Slice:
		if isBytes(t) {
			return func(w *rowWriter, v reflect.Value) error {
				if v.IsNil() {
					w.null()
					return nil
				}
				return w.bytes(TypeBinary, v.Bytes())
			}
		}
	}
	return nil
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
