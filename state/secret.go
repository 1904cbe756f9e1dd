package state

import (
	"reflect"
)

var secretType = reflect.TypeFor[interface{ Reveal() string }]()

// holdsSecret reports whether values of the type hold one that has to be
// revealed by a call, as connector.Secret has.
func holdsSecret(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t.Implements(secretType) || reflect.PointerTo(t).Implements(secretType) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsSecret(t.Elem(), seen)
	case reflect.Map:
		return holdsSecret(t.Key(), seen) || holdsSecret(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsSecret(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// holdsSecretValue looks for the secrets that the value's type does not tell
// of, because they are in an interface.
func holdsSecretValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return !v.IsNil() && (holdsSecret(v.Elem().Type(), map[reflect.Type]bool{}) || holdsSecretValue(v.Elem()))
	case reflect.Pointer:
		return !v.IsNil() && holdsSecretValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if !mayHoldInterface(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if holdsSecretValue(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if holdsSecretValue(it.Value()) {
				return true
			}
		}
	case reflect.Struct:
		for f, fv := range v.Fields() {
			if f.IsExported() && f.Tag.Get("json") != "-" && holdsSecretValue(fv) {
				return true
			}
		}
	}
	return false
}

func mayHoldInterface(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return true
	}
	return false
}
