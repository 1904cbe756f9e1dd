package config

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// defaultOf returns the default of a field as a JSON value, or false if it has
// none.
func defaultOf(f *Field, v reflect.Value, p *panics) (any, bool) {
	if v.IsZero() || len(secretsIn(v)) > 0 {
		return nil, false
	}
	if f.Kind == Object && v.Kind() == reflect.Struct {
		return nil, false // its fields have defaults
	}
	value := (&instance{panics: p}).of(f, v, "")
	return value, value != nil
}

func sameJSON(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// pointee follows pointers. For a nil pointer it returns the zero value of the
// type pointed to.
func pointee(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v = reflect.Zero(v.Type().Elem())
		} else {
			v = v.Elem()
		}
	}
	return v
}
