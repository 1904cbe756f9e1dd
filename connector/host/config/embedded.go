package config

import (
	"fmt"
	"reflect"
	"unicode"
	"unicode/utf8"
)

// isStruct reports whether a type is a struct or a pointer to one.
func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// checkEmbedded reports whether the fields of an embedded struct are fields of
// the struct around it. If they are not, it reports the mistake.
func (b *builder) checkEmbedded(sf reflect.StructField, goName string) bool {
	switch {
	case sf.Type.Kind() == reflect.Pointer:
		b.report(goName, "an embedded pointer can't be configuration: embed the struct itself, %s, or tag it `json:\"-\"`", naming(sf))
		return false
	case readsItself(sf.Type):
		b.report(goName, "an embedded %v is one value, not several fields: %s, or tag it `json:\"-\"`", sf.Type, naming(sf))
		return false
	}
	if found := tagName.FindStringSubmatch(string(sf.Tag)); found != nil {
		b.report(goName, "%s tag: an embedded struct is not a field: tag the fields within it", found[1])
	}
	return true
}

// namedField spells an embedded field as one with an exported name.
func namedField(sf reflect.StructField) string {
	first, size := utf8.DecodeRuneInString(sf.Name)
	return fmt.Sprintf("%c%s %v", unicode.ToUpper(first), sf.Name[size:], sf.Type)
}

// naming returns how to turn an embedded struct into a single field.
func naming(sf reflect.StructField) string {
	if sf.IsExported() {
		return "give it a name with a json tag"
	}
	return "give the field an exported name, as in " + namedField(sf)
}
