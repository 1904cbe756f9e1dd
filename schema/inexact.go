package schema

import (
	"cmp"
	"fmt"
	"reflect"
)

// marshalFunc returns a function that writes values of the type t with the help
// of encoding/json, and checks the floats in them first.
func marshalFunc(t reflect.Type) writeFunc {
	if !mayContainFloat(t, map[reflect.Type]bool{}) {
		return (*rowWriter).marshal
	}
	return func(w *rowWriter, v reflect.Value) error {
		if err := checkFloats(v, w.depth); err != nil {
			return err
		}
		return w.marshal(v)
	}
}

// mayContainFloat reports whether a value of the type t may contain a float that
// encoding/json writes. The argument known holds the types that need not be
// looked at again.
func mayContainFloat(t reflect.Type, known map[reflect.Type]bool) bool {
	if known[t] || marshalsItself(t) {
		return false
	}
	known[t] = true
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return mayContainFloat(t.Elem(), known)
	case reflect.Struct:
		for sf := range t.Fields() {
			if isMarshaled(sf) && mayContainFloat(sf.Type, known) {
				return true
			}
		}
	}
	return false
}

// isMarshaled reports whether encoding/json may write the field, or the fields
// of the struct that is embedded as the field.
func isMarshaled(sf reflect.StructField) bool {
	return sf.Tag.Get("json") != "-" && (sf.IsExported() || sf.Anonymous)
}

// checkFloats returns an error if v, which encoding/json is to write, contains a
// float for which isInexact returns true. The argument depth is that of v.
func checkFloats(v reflect.Value, depth int) error {
	if depth++; depth > maxDepth {
		return errTooDeep()
	}
	if v.IsValid() && marshalsItself(v.Type()) {
		return nil
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		// encoding/json reports NaN and the infinities.
		if f := v.Float(); f-f == 0 && isInexact(f, v.Type().Bits()) {
			return inexact(v.Type().Bits())
		}
	case reflect.Pointer, reflect.Interface:
		return checkFloats(v.Elem(), depth) // the zero Value if v is nil
	case reflect.Slice, reflect.Array:
		return checkListFloats(v, depth)
	case reflect.Map:
		for k, elem := range v.Seq2() {
			if err := checkFloats(elem, depth); err != nil {
				return within(err, fmt.Sprint(k))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			sf := v.Type().Field(i)
			if !isMarshaled(sf) {
				continue
			}
			err := checkFloats(v.Field(i), depth)
			switch name := jsonName(sf); {
			case err == nil:
			case name == "" && sf.Anonymous: // its fields are members themselves
				return err
			default:
				return within(err, cmp.Or(name, sf.Name))
			}
		}
	}
	return nil
}

func checkListFloats(v reflect.Value, depth int) error {
	if !mayContainFloat(v.Type().Elem(), map[reflect.Type]bool{}) {
		return nil // such as bytes
	}
	for i := range v.Len() {
		if err := checkFloats(v.Index(i), depth); err != nil {
			return within(err, fmt.Sprint(i))
		}
	}
	return nil
}
