package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// defaultOf returns the default of a field as a JSON value, or false if it has
// none. A default that holds a secret is never shown: a program that configures the
// connector in code has set it.
func defaultOf(f *Field, v reflect.Value, p *panics) (any, bool) {
	if v.IsZero() || len(secretsIn(v)) > 0 || len(appendTagged(nil, *f, v)) > 0 {
		return nil, false
	}
	if f.Kind == Object && v.Kind() == reflect.Struct {
		return nil, false // its fields have defaults
	}
	value := (&instance{panics: p}).of(f, v, "")
	if holdsPassword(value) {
		return nil, false
	}
	return value, value != nil
}

// holdsPassword reports whether a JSON value contains a URL with a password or a token
// before its host.
func holdsPassword(value any) bool {
	switch v := value.(type) {
	case string:
		_, authority, isURL := strings.Cut(v, "://")
		end := strings.LastIndexByte(authority, '@')
		return isURL && end > 0 && !strings.ContainsAny(authority[:end], "?#")
	case []any:
		return slices.ContainsFunc(v, holdsPassword)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsPassword)
	}
	return false
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
