package config

import (
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// describe sets the kind of a field from its type, and describes the fields or
// items within it. The argument within holds the types that contain the field.
func (b *builder) describe(f *Field, within []reflect.Type) {
	f.base = f.typ
	for range 4 { // a bound, because a type can point to itself
		if f.base.Kind() == reflect.Pointer {
			f.base = f.base.Elem()
		}
	}
	t := f.base
	f.reads = readsItself(t)
	b.checkSchemaWriter(f)
	switch {
	case t == secretType:
		f.Kind, f.Secret = Text, true
	case t == durationType:
		f.Kind = Duration
	case t == timeType:
		f.Kind = Time
	case t == jsonNumberType:
		f.Kind = Number
	case readsText(t):
		f.Kind = Text
	case f.reads:
		f.Kind = JSON
	default:
		b.describePlain(f, within)
	}
}

// checkSchemaWriter reports a type whose JSONSchema method fails. The reflector
// would panic without naming the field.
func (b *builder) checkSchemaWriter(f *Field) {
	if f.base.Kind() == reflect.Interface || !f.base.Implements(schemaWriterType) || mapType(f.base) != nil {
		return
	}
	var s *jsonschema.Schema
	p := &panics{}
	if !p.call("JSONSchema", "", func() { s = reflect.New(f.base).Interface().(schemaWriter).JSONSchema() }) {
		b.reportPanics(f.goName, "", p)
	} else if s == nil {
		b.report(f.goName, "JSONSchema returns nil: return the schema of a %v", f.base)
	}
}

// describePlain does the work of describe for types that do not decode
// themselves.
func (b *builder) describePlain(f *Field, within []reflect.Type) {
	switch f.base.Kind() {
	case reflect.String:
		f.Kind = Text
	case reflect.Bool:
		f.Kind = Bool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.Kind = Integer
	case reflect.Float32, reflect.Float64:
		f.Kind = Number
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		b.describeComposite(f, within)
	default:
		if f.base.Kind() != reflect.Interface || f.base.NumMethod() > 0 {
			b.report(f.goName, "a %v can't be configuration: tag the field `json:\"-\"`, or make it unexported", f.typ)
		}
		f.Kind = JSON
	}
}

// describeComposite does the work of describe for structs, maps, slices and
// arrays.
func (b *builder) describeComposite(f *Field, within []reflect.Type) {
	t := f.base
	if slices.Contains(within, t) {
		b.report(f.goName, "a configuration can't contain itself: tag the field `json:\"-\"`")
		return
	}
	switch {
	case t.Kind() == reflect.Struct:
		f.Kind = Object
		inside := place{goName: f.goName, within: within}
		if f.typ == t {
			inside.at = f.at
		}
		f.Fields = b.fieldsOf(t, inside)
	case t.Kind() == reflect.Map:
		b.describeMap(f, within)
	case t.Kind() == reflect.Slice && t.Elem() == byteType:
		f.Kind = Bytes
	default:
		f.Kind = List
		f.Items = b.items(f, within)
	}
}

// describeMap does the work of describe for maps, whose keys must be strings.
func (b *builder) describeMap(f *Field, within []reflect.Type) {
	f.Kind = Map
	switch key := f.base.Key(); {
	case key.Kind() != reflect.String:
		b.report(f.goName, "a %v can't be configuration: the names in a JSON object are strings; use string keys, or tag the field `json:\"-\"`", f.base)
	case key == secretType:
		b.report(f.goName, "a %v can't be configuration: the names in a JSON object are not secret; use a list of structs, or tag the field `json:\"-\"`", f.base)
	default:
		f.Items = b.items(f, within)
	}
}

// items describes the items of a list or map.
func (b *builder) items(f *Field, within []reflect.Type) *Field {
	item := &Field{goName: f.goName, typ: f.base.Elem()}
	b.describe(item, append(slices.Clip(within), f.base))
	return item
}
