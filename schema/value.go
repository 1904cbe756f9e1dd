package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
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

func isNumeric(t Type) bool {
	switch t {
	case TypeShort, TypeInt, TypeLong, TypeFloat, TypeDouble, TypeDecimal:
		return true
	}
	return false
}

// isText reports whether some strings fit a column of the type.
func isText(t Type) bool {
	switch t {
	case TypeString, TypeXML, TypeDecimal, TypeUTCDatetime, TypeNaiveDatetime, TypeNaiveDate, TypeBinary:
		return true
	}
	return false
}

// textOrNull appends text whose empty form means that there is no value.
func (w *rowWriter) textOrNull(t Type, s string) error {
	if s == "" {
		w.null()
		return nil
	}
	return w.text(t, s)
}

func (w *rowWriter) marshaledText(t Type, m encoding.TextMarshaler) error {
	text, err := m.MarshalText()
	if err != nil {
		return misfitMethod(fmt.Sprintf("%T", m), "MarshalText", err)
	}
	if t == TypeString || t == TypeXML {
		return w.text(t, string(text))
	}
	return w.textOrNull(t, string(text))
}

func (w *rowWriter) jsonNumber(t Type, n json.Number) error {
	switch {
	case n == "":
		w.null()
		return nil
	case t == TypeString:
		return w.text(t, string(n))
	case !isJSONNumber(string(n)):
		return misfitBecause("json.Number", "its text is not a number")
	}
	return w.number(t, string(n))
}

// isJSONNumber reports whether s is a number as RFC 8259 has it, which allows
// less than a decimal column does.
func isJSONNumber(s string) bool {
	v := jsontext.Value(s)
	return len(s) > 0 && (s[0] == '-' || isDigit(s[0])) && isDigit(s[len(s)-1]) && v.IsValid()
}

func (w *rowWriter) bigInt(t Type, n *big.Int) error {
	switch t {
	case TypeShort, TypeInt, TypeLong:
		if !n.IsInt64() {
			return misfitBecause("big.Int", "it needs more than 64 bits: declare the column DECIMAL")
		}
		return w.int(t, n.Int64())
	case TypeDecimal, TypeString:
		w.b = append(n.Append(append(w.b, '"'), 10), '"')
		return nil
	}
	w.b = n.Append(w.b, 10)
	return nil
}

// value appends a value whose Go type is known only now, as those of a
// map[string]any are.
func (w *rowWriter) value(t Type, v any) error {
	switch v := v.(type) {
	case nil:
		w.null()
		return nil
	case string:
		return w.text(t, v)
	case bool:
		return w.bool(t, v)
	case int:
		return w.int(t, int64(v))
	case int64:
		return w.int(t, v)
	case float64:
		return w.float(t, v, 64)
	case json.Number:
		return w.jsonNumber(t, v)
	case time.Time:
		return w.time(t, v)
	case []byte:
		if v == nil {
			w.null()
			return nil
		}
		return w.bytes(t, v)
	case map[string]any, []any:
		if t != TypeJSON && t != 0 {
			return misfit(fmt.Sprintf("%T", v))
		}
		return w.nested(v)
	case json.RawMessage:
		return w.raw(t, jsontext.Value(v))
	case jsontext.Value:
		return w.raw(t, v)
	}
	if t == TypeJSON {
		return w.nested(v)
	}
	rv := reflect.ValueOf(v)
	write, err := anyFunc(rv.Type(), t)
	if err != nil {
		return misfit(rv.Type().String())
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	return write(w, addressable)
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
