package loss

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// floatBits returns the size of a float of the type t, or that it points to. It is 0 for
// other types and for those with a method that decodes them.
func floatBits(t reflect.Type) int {
	for range 100 { // see contentOf
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	if kind := t.Kind(); kind != reflect.Float32 && kind != reflect.Float64 || decodesItself(t) {
		return 0
	}
	return t.Bits()
}

// embeddedStruct returns the struct type whose fields take the place of the field
// sf, or nil.
func embeddedStruct(sf reflect.StructField) reflect.Type {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, options, _ := strings.Cut(sf.Tag.Get("json"), ","); t.Kind() != reflect.Struct || name != "" || !sf.Anonymous && !hasOption(options, "embed") {
		return nil
	}
	if decodesItself(t) {
		return nil
	}
	return t
}

func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}

var (
	timeType                = reflect.TypeFor[time.Time]()
	jsonNumberType          = reflect.TypeFor[json.Number]()
	timeValuerType          = reflect.TypeFor[interface{ ColumnTime() (time.Time, bool) }]()
	jsonUnmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	jsonUnmarshalerFromType = reflect.TypeFor[jsonv2.UnmarshalerFrom]()
	jsonMarshalerType       = reflect.TypeFor[json.Marshaler]()
	textUnmarshalerType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// isTime reports whether t is a type whose zero value is no time. A column
// delivers it as null.
func isTime(t reflect.Type) bool {
	return t == timeType || implements(t, timeValuerType) ||
		t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Anonymous && t.Field(0).Type == timeType
}

// isSQLNull reports whether t is one of the nullable types of database/sql.
func isSQLNull(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "Null")
}

// decodesItself reports whether a method of the type decodes JSON, so that its
// fields and elements do not matter.
func decodesItself(t reflect.Type) bool {
	return isTime(t) || isSQLNull(t) || implements(t, jsonUnmarshalerType) || implements(t, jsonUnmarshalerFromType) || implements(t, textUnmarshalerType)
}

func implements(t, method reflect.Type) bool {
	return t.Implements(method) || reflect.PointerTo(t).Implements(method)
}

// isBytes reports whether t is a list of bytes, whose JSON is a string.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8
}

// keepsNull reports whether a type with a method that decodes JSON keeps a null. The
// type is trusted unless its method ignores a null, as encoding/json recommends, and
// the zero value is no null, or unless it also has a method that encodes JSON and
// turns the null into something else, as big.Int turns it into 0.
func keepsNull(t reflect.Type) (keeps bool) {
	defer func() {
		if recover() != nil {
			keeps = true
		}
	}()
	v := reflect.New(t)
	encodes := implements(t, jsonMarshalerType)
	if !encodes && !setAny(v.Elem()) {
		return true
	}
	before := v.Elem().Interface()
	if err := jsonv2.Unmarshal([]byte("null"), v.Interface()); err != nil {
		return true // the connector gets the error
	}
	if !encodes {
		return v.Elem().Interface() != before // the method has chosen a value
	}
	out, err := jsonv2.Marshal(v.Interface())
	return err != nil || jsontext.Value(out).Kind() == 'n'
}

// setAny sets v, which is a bool, a number or a string, to a value other than the
// zero value. It reports false for other kinds.
func setAny(v reflect.Value) bool {
	switch kind := v.Kind(); {
	case kind == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	case v.CanFloat():
		v.SetFloat(1)
	case kind == reflect.String:
		v.SetString("1")
	default:
		return false
	}
	return true
}
