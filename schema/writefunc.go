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

// A writeFunc appends values of one Go type to columns of one type. The values
// must be addressable.
type writeFunc func(w *rowWriter, v reflect.Value) error

// valueFunc returns a function that writes values of the Go type t to columns
// of type typ. It returns an error if no value of t fits such a column. It is
// called once for each field of a row type, and the function that it returns
// once for each row.
func valueFunc(t reflect.Type, typ Type) (writeFunc, error) {
	if t.Kind() == reflect.Pointer {
		if target(t) == nil {
			return nil, fmt.Errorf("%v has no value: it points to pointers only", t)
		}
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
		return sqlNullFunc(write), nil
	}
	if derived, _ := columnType(t); typ == TypeJSON && t != timeType && derived != TypeBinary {
		return nestedFunc(t)
	}
	f, takes := scalarFunc(t, typ)
	if f == nil || !takes {
		return nil, fmt.Errorf("%v cannot be delivered as %v", t, typ)
	}
	return f, nil
}

// sqlNullFunc returns a function that writes values of a nullable type of
// database/sql. The argument writes the value that is not null.
func sqlNullFunc(write writeFunc) writeFunc {
	return func(w *rowWriter, v reflect.Value) error {
		if !v.Field(1).Bool() {
			w.null()
			return nil
		}
		return write(w, v.Field(0))
	}
}

// scalarFunc returns a function that writes values of the Go type t, or nil if
// there is none. It reports whether some of the values fit a column of type
// typ.
func scalarFunc(t reflect.Type, typ Type) (f writeFunc, takes bool) {
	switch {
	case t == timeType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.time(typ, *v.Addr().Interface().(*time.Time))
		}, typ == TypeUTCDatetime || typ == TypeNaiveDatetime || typ == TypeNaiveDate || typ == TypeString || typ == TypeJSON
	case t == decimalType:
		return func(w *rowWriter, v reflect.Value) error {
			return w.decimal(typ, v.String())
		}, isNumeric(typ) || typ == TypeString
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
	case timeFunc(t) != nil:
		return timeWriter(timeFunc(t), typ), takesTime(typ)
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
			}, typ == TypeBinary || typ == TypeString || typ == TypeXML || typ == TypeJSON
		}
	case reflect.Array:
		if isBytes(t) {
			return func(w *rowWriter, v reflect.Value) error { return w.bytes(typ, v.Bytes()) }, typ == TypeBinary
		}
	}
	return nil, false
}

// An anyKey is the key of anyCache.
type anyKey struct {
	goType reflect.Type
	column Type
}

var anyCache sync.Map // anyKey to writeFunc

// anyFunc is like valueFunc, but caches its results. It is for the values of
// maps, for which it is called once per value.
func anyFunc(t reflect.Type, typ Type) (writeFunc, error) {
	key := anyKey{t, typ}
	if f, ok := anyCache.Load(key); ok {
		return f.(writeFunc), nil
	}
	if typ == 0 {
		typ, _ = columnType(t)
		typ = undeclaredType(t, typ)
		if valueType(t) == jsonNumberType {
			typ = TypeJSON // it remains a number
		}
	}
	f, err := valueFunc(t, typ)
	if err == nil {
		anyCache.Store(key, f)
	}
	return f, err
}

// undeclaredType returns the type as which values of the Go type t are written
// to a column that the table does not declare. The argument typ is the type that
// TableOf derives. A float is written as a part of nested JSON, which rejects
// lost digits. A declared DOUBLE does not: its digits are those of a float64.
func undeclaredType(t reflect.Type, typ Type) Type {
	if derived, _ := columnType(t); derived == typ && (typ == TypeFloat || typ == TypeDouble) {
		return TypeJSON
	}
	return typ
}
