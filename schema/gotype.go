package schema

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	timeType          = reflect.TypeFor[time.Time]()
	decimalType       = reflect.TypeFor[Decimal]()
	jsonNumberType    = reflect.TypeFor[json.Number]()
	bigIntType        = reflect.TypeFor[big.Int]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	rawMessageType    = reflect.TypeFor[json.RawMessage]()
	stringsType       = reflect.TypeFor[[]string]()
	rawValueType      = reflect.TypeFor[jsontext.Value]()
)

// columnType returns the column type for values of the Go type t, or 0 if there
// is none. It also reports whether such a value may be null.
func columnType(t reflect.Type) (typ Type, nullable bool) {
	if t.Kind() == reflect.Pointer {
		if t = target(t); t == nil {
			return 0, true
		}
		typ, _ = columnType(t)
		return typ, true
	}
	if inner, ok := sqlNull(t); ok {
		typ, _ = columnType(inner)
		return typ, true
	}
	if t == timeType {
		return TypeUTCDatetime, false
	}
	if timeFunc(t) != nil {
		return TypeUTCDatetime, true
	}
	switch {
	case t == decimalType, t == jsonNumberType, t == bigIntType:
		return TypeDecimal, false
	case isTextMarshaler(t):
		// The widely used decimal libraries all give their types such a name.
		if strings.HasSuffix(t.Name(), "Decimal") {
			return TypeDecimal, strings.HasPrefix(t.Name(), "Null")
		}
		return TypeString, false
	case isJSONMarshaler(t):
		return TypeJSON, t.Kind() == reflect.Slice
	}
	switch t.Kind() {
	case reflect.Bool:
		return TypeBoolean, false
	case reflect.Int8, reflect.Uint8, reflect.Int16:
		return TypeShort, false
	case reflect.Uint16, reflect.Int32:
		return TypeInt, false
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint, reflect.Uint64:
		return TypeLong, false
	case reflect.Float32:
		return TypeFloat, false
	case reflect.Float64:
		return TypeDouble, false
	case reflect.String:
		return TypeString, false
	case reflect.Slice:
		if isBytes(t) {
			return TypeBinary, true
		}
		return TypeJSON, true
	case reflect.Map, reflect.Interface:
		return TypeJSON, true
	case reflect.Struct, reflect.Array:
		return TypeJSON, false
	}
	return 0, false
}

// isObject reports whether the JSON form of every value of the Go type t is an object
// or null. The type of its column is TypeJSON.
func isObject(t reflect.Type) bool {
	t = valueType(t)
	return t != nil && !marshalsItself(t) && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map)
}

// maxPointers limits the pointers to a value. A type such as "type P *P" has no end
// of them.
const maxPointers = 100

// target returns the type that values of t point to through any number of pointers,
// or t if it is not a pointer. It returns nil if there are more than maxPointers.
func target(t reflect.Type) reflect.Type {
	for range maxPointers {
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

// valueType returns the type of the values that are in a t and not null: what a
// pointer points to, or the value of a nullable type of database/sql. It returns nil
// if target does.
func valueType(t reflect.Type) reflect.Type {
	t = target(t)
	if t == nil {
		return nil
	}
	if inner, ok := sqlNull(t); ok {
		return inner
	}
	return t
}

// sqlNull returns the type of the value in a nullable type of database/sql,
// such as sql.NullString or sql.Null[T]. It reports whether t is such a type.
func sqlNull(t reflect.Type) (inner reflect.Type, ok bool) {
	if t.PkgPath() != "database/sql" || t.Kind() != reflect.Struct || t.NumField() != 2 {
		return nil, false
	}
	if v := t.Field(1); v.Name != "Valid" || v.Type.Kind() != reflect.Bool {
		return nil, false
	}
	return t.Field(0).Type, true
}

// isBytes reports whether the elements of the slice or array type t are bytes,
// and not small numbers with a marshaling method.
func isBytes(t reflect.Type) bool {
	elem := t.Elem()
	return elem.Kind() == reflect.Uint8 && !isTextMarshaler(elem) && !isJSONMarshaler(elem)
}

func isTextMarshaler(t reflect.Type) bool {
	return t.Implements(textMarshalerType) || reflect.PointerTo(t).Implements(textMarshalerType)
}

func isJSONMarshaler(t reflect.Type) bool {
	return t.Implements(jsonMarshalerType) || reflect.PointerTo(t).Implements(jsonMarshalerType)
}

// isPlainText reports whether the values of t, or those that they point to, are
// strings without a method that marshals them.
func isPlainText(t reflect.Type) bool {
	t = valueType(t)
	return t != nil && t.Kind() == reflect.String && t != jsonNumberType && !marshalsItself(t)
}

// marshalsItself reports whether encoding/json calls a method of t to encode a
// value of the type.
func marshalsItself(t reflect.Type) bool { return isJSONMarshaler(t) || isTextMarshaler(t) }
