package jsonvalue

import "reflect"

// KeepsAddress reports whether a value of the type t may keep its own address, or that of a
// part of it, when it is decoded: a struct or an array with a method that decodes it, other
// than a time, may. The variable of such a value must not be used for another one.
func KeepsAddress(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		if t == timeType {
			return false
		}
		if decodesItself(t) {
			return true
		}
		for sf := range t.Fields() {
			if KeepsAddress(sf.Type) {
				return true
			}
		}
	case reflect.Array:
		return decodesItself(t) || KeepsAddress(t.Elem())
	}
	return false
}
