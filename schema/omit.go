package schema

import "reflect"

// isEmpty reports whether encoding/json omits v from a field tagged omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero reports whether encoding/json omits v from a field tagged omitzero. The value
// must be addressable.
func isZero(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Pointer || k == reflect.Interface {
		switch {
		case v.IsNil():
			return true
		case !v.Type().Implements(isZeroerType):
			return false
		case k == reflect.Interface && v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil():
			return true
		}
		return v.Interface().(isZeroer).IsZero()
	}
	if z, ok := v.Addr().Interface().(isZeroer); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

type isZeroer interface{ IsZero() bool }

var isZeroerType = reflect.TypeFor[isZeroer]()
