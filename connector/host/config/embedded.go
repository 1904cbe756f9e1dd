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

// checkEmbedded reports whether an embedded struct gives its fields to the
// struct around it, and what is wrong if it does not.
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

// naming says how to make one field of an embedded struct.
func naming(sf reflect.StructField) string {
	if sf.IsExported() {
		return "give it a name by a json tag"
	}
	return "give the field an exported name, as in " + namedField(sf)
}
