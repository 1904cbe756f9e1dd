package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"sync"
	"time"
)

// A writeFunc appends a value of the one Go type and for the one column type
// that it was made for. The value is addressable.
type writeFunc func(w *rowWriter, v reflect.Value) error

// valueFunc returns what writes values of a Go type to a column of a type, or
// an error where no value of the one fits the other. It is called once for a
// field of a row's type; what it returns is called for each row.
func valueFunc(t reflect.Type, typ Type) (writeFunc, error) {
	if t.Kind() == reflect.Pointer {
		inner, err := valueFunc(t.Elem(), typ)
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
	}
	if t.Kind() == reflect.Interface {
		return func(w *rowWriter, v reflect.Value) error {
			if v.IsNil() {
				w.null()
				return nil
			}
			return w.value(typ, v.Elem().Interface())
		}, nil
	}
	if inner, ok := sqlNull(t); ok {
		write, err := valueFunc(inner, typ)
		if err != nil {
			return nil, err
		}
		return func(w *rowWriter, v reflect.Value) error {
			if !v.Field(1).Bool() {
				w.null()
				return nil
			}
			return write(w, v.Field(0))
		}, nil
	}
	if typ == TypeJSON {
		return nestedFunc(t)
	}
	f, takes := scalarFunc(t, typ)
	if f == nil || !takes {
		return nil, fmt.Errorf("%v can't be delivered as %v", t, typ)
	}
	return f, nil
}

// scalarFunc returns what writes values of the Go type, and whether a column
// of type typ takes some of them.
func scalarFunc(t reflect.Type, typ Type) (f writeFunc, takes bool) {
	switch {
	case t == timeType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.time(typ, *v.Addr().Interface().(*time.Time))
		}, typ == TypeUTCDatetime || typ == TypeNaiveDatetime || typ == TypeNaiveDate || typ == TypeString
	case t == decimalType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.textOrNull(typ, v.String())
		}, typ == TypeDecimal || typ == TypeString
	case t == jsonNumberType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.jsonNumber(typ, json.Number(v.String()))
		}, isNumeric(typ) || typ == TypeString
	case t == bigIntType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.bigInt(typ, v.Addr().Interface().(*big.Int))
		}, isNumeric(typ) || typ == TypeString
	case t == rawMessageType, t == rawValueType:
		return func(w *rowWriter, v reflect.Value) error { return w.raw(typ, v.Bytes()) }, typ != 0
	case isTextMarshaler(t):
		return func(w *rowWriter, v reflect.Value) error {
			return w.marshaledText(typ, v.Addr().Interface().(encoding.TextMarshaler))
		}, isText(typ)
	}
	switch t.Kind() {
	case reflect.Bool:
		return func(w *rowWriter, v reflect.Value) error { return w.bool(typ, v.Bool()) }, typ == TypeBoolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(w *rowWriter, v reflect.Value) error { return w.int(typ, v.Int()) }, isNumeric(typ)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(w *rowWriter, v reflect.Value) error { return w.uint(typ, v.Uint()) }, isNumeric(typ)
	case reflect.Float32, reflect.Float64:
		bits := t.Bits()
		return func(w *rowWriter, v reflect.Value) error { return w.float(typ, v.Float(), bits) }, isNumeric(typ) && typ != TypeDecimal
	case reflect.String:
		return func(w *rowWriter, v reflect.Value) error { return w.text(typ, v.String()) }, isText(typ)
	case reflect.Slice:
		if isBytes(t) {
			return func(w *rowWriter, v reflect.Value) error {
				if v.IsNil() {
					w.null()
					return nil
				}
				return w.bytes(typ, v.Bytes())
			}, typ == TypeBinary || typ == TypeString || typ == TypeXML
		}
	case reflect.Array:
		if isBytes(t) {
			return func(w *rowWriter, v reflect.Value) error { return w.bytes(typ, v.Bytes()) }, typ == TypeBinary
		}
	}
	return nil, false
}

type anyKey struct {
	goType reflect.Type
	column Type
}

var anyCache sync.Map // anyKey to writeFunc

// anyFunc is valueFunc for the values of maps, where it is called for each:
// what it found for a Go type is kept.
func anyFunc(t reflect.Type, typ Type) (writeFunc, error) {
	key := anyKey{t, typ}
	if f, ok := anyCache.Load(key); ok {
		return f.(writeFunc), nil
	}
	if typ == 0 {
		typ, _ = columnType(t)
	}
	f, err := valueFunc(t, typ)
	if err == nil {
		anyCache.Store(key, f)
	}
	return f, err
}
