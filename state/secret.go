package state

import (
	"reflect"
)

var secretType = reflect.TypeFor[interface{ Reveal() string }]()

// containsSecret reports whether values of the type t contain a secret, such as
// a connector.Secret. The argument seen has the types that have been visited.
func containsSecret(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t.Implements(secretType) || reflect.PointerTo(t).Implements(secretType) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return containsSecret(t.Elem(), seen)
	case reflect.Map:
		return containsSecret(t.Key(), seen) || containsSecret(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if containsSecret(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// containsSecretValue reports whether v contains a secret in an interface,
// where the type of v does not show it.
func containsSecretValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return !v.IsNil() && (containsSecret(v.Elem().Type(), map[reflect.Type]bool{}) || containsSecretValue(v.Elem()))
	case reflect.Pointer:
		return !v.IsNil() && containsSecretValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if !mayContainInterface(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if containsSecretValue(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if containsSecretValue(it.Value()) {
				return true
			}
		}
	case reflect.Struct:
		for f, fv := range v.Fields() {
			if f.IsExported() && f.Tag.Get("json") != "-" && containsSecretValue(fv) {
				return true
			}
		}
	}
	return false
}

// mayContainInterface reports whether a value of the kind k may contain an
// interface.
func mayContainInterface(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return true
	}
	return false
}
