package schema

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A mapKey is a key of a map and the name of its member.
type mapKey struct {
	name string
	key  reflect.Value
}

// nestedMap returns a function that writes maps of the type t as objects whose
// members are sorted by name. The argument inner writes the values.
func nestedMap(t reflect.Type, inner writeFunc) (writeFunc, error) {
	nameOf := keyName(t.Key())
	if nameOf == nil {
		return nil, fmt.Errorf("%v has no JSON form, because its keys have no text", t)
	}
	return func(w *rowWriter, v reflect.Value) error {
		if v.IsNil() {
			w.null()
			return nil
		}
		keys, err := sortedKeys(v, nameOf)
		if err != nil {
			return err
		}
		elem := reflect.New(t.Elem()).Elem() // a writeFunc needs an addressable value
		w.b = append(w.b, '{')
		for i, k := range keys {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.string(k.name)
			w.b = append(w.b, ':')
			elem.Set(v.MapIndex(k.key))
			if err := inner(w, elem); err != nil {
				return within(err, k.name)
			}
		}
		w.b = append(w.b, '}')
		return nil
	}, nil
}

// sortedKeys returns the keys of a map, sorted by name. If two keys have the same
// name, their order would be random and one value would hide the other, so that is
// an error.
func sortedKeys(v reflect.Value, nameOf func(key reflect.Value) (string, error)) ([]mapKey, error) {
	keys := make([]mapKey, 0, v.Len())
	for _, k := range v.MapKeys() {
		name, err := nameOf(k)
		if err != nil {
			return nil, misfitMethod(v.Type().Key().String(), "MarshalText", err)
		}
		keys = append(keys, mapKey{name, k})
	}
	slices.SortFunc(keys, func(a, b mapKey) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(keys); i++ {
		if keys[i].name == keys[i-1].name {
			return nil, misfitBecause(v.Type().String(), "two of its keys have the same text")
		}
	}
	return keys, nil
}

// keyName returns a function that returns the name of the member for a key of the
// type t, as encoding/json forms it. It returns nil if keys of the type have no
// name.
func keyName(t reflect.Type) func(key reflect.Value) (string, error) {
	switch kind := t.Kind(); {
	case kind == reflect.String:
		return func(k reflect.Value) (string, error) { return k.String(), nil }
	case t.Implements(textMarshalerType):
		return func(k reflect.Value) (string, error) {
			if (kind == reflect.Pointer || kind == reflect.Interface) && k.IsNil() {
				return "", nil
			}
			text, err := k.Interface().(encoding.TextMarshaler).MarshalText()
			return string(text), err
		}
	case kind >= reflect.Int && kind <= reflect.Int64:
		return func(k reflect.Value) (string, error) { return strconv.FormatInt(k.Int(), 10), nil }
	case kind >= reflect.Uint && kind <= reflect.Uintptr:
		return func(k reflect.Value) (string, error) { return strconv.FormatUint(k.Uint(), 10), nil }
	}
	return nil
}
