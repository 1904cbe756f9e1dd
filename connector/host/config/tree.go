package config

import (
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"

	"github.com/penstock-sdk/penstock/connector"
)

var (
	secretType          = reflect.TypeFor[connector.Secret]()
	durationType        = reflect.TypeFor[time.Duration]()
	timeType            = reflect.TypeFor[time.Time]()
	urlType             = reflect.TypeFor[url.URL]()
	jsonNumberType      = reflect.TypeFor[json.Number]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	rawValueType        = reflect.TypeFor[jsontext.Value]()
	byteType            = reflect.TypeFor[byte]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// readsText reports whether values of the type read themselves from text.
func readsText(t reflect.Type) bool {
	return t == timeType || t == urlType || reflect.PointerTo(t).Implements(textUnmarshalerType)
}

// readsItself reports whether values of the type read themselves from text or
// from JSON.
func readsItself(t reflect.Type) bool {
	return readsText(t) || reflect.PointerTo(t).Implements(jsonUnmarshalerType)
}

// A builder makes the tree of a connector's fields, and collects what is wrong
// with them, which is for the connector's author to fix.
type builder struct {
	connector reflect.Type
	problems  []string
	stack     string // of the first panic
}

func (b *builder) report(goName, format string, args ...any) {
	b.problems = append(b.problems, goName+": "+fmt.Sprintf(format, args...))
}

// reportPanics reports panics in code of a field's type.
func (b *builder) reportPanics(goName, prefix string, p *panics) {
	for _, text := range p.texts {
		b.report(goName, "%s%s", prefix, text)
	}
	b.stack = cmp.Or(b.stack, p.stack)
}

// err returns the problems as one error.
func (b *builder) err() error {
	if len(b.problems) == 0 {
		return nil
	}
	text := strings.Join(b.problems, "; ")
	if b.stack != "" {
		return &connector.Error{Kind: connector.Defect, Err: &panicError{text: text, stack: b.stack}}
	}
	return &connector.Error{Kind: connector.Defect, Err: errors.New(text)}
}

// A place is where in the tree a struct is.
type place struct {
	goName string
	within []reflect.Type // the structs, lists and maps around it
	index  []int          // of an embedded struct within the struct that has its fields
	at     []int          // within the connector; nil within a list, map or pointer
}

// fieldsOf returns the fields of a struct type, with those of embedded structs
// in their place.
func (b *builder) fieldsOf(t reflect.Type, p place) []Field {
	fields := b.appendFields(nil, t, p)
	owners := map[string]string{}
	for _, f := range fields {
		if owner, taken := owners[f.Name]; taken {
			b.report(f.goName, "%s has the same name in the configuration, %q: give each field its own", owner, f.Name)
		}
		owners[f.Name] = f.goName
	}
	return fields
}

func (b *builder) appendFields(fields []Field, t reflect.Type, p place) []Field {
	p.within = append(slices.Clip(p.within), t)
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Tag.Get("json") == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		at := p.inside(sf)
		if sf.Anonymous && name == "" && isStruct(sf.Type) {
			if b.checkEmbedded(sf, at.goName) {
				at.goName = p.goName
				fields = b.appendFields(fields, sf.Type, at)
			}
			continue
		}
		f := Field{Name: cmp.Or(name, sf.Name), goName: at.goName, typ: sf.Type, tag: sf.Tag, index: at.index, at: at.at}
		if at.at != nil {
			f.connector = b.connector
		}
		switch {
		case sf.IsExported():
			b.checkNames(&f)
			b.describe(&f, p.within)
			fields = append(fields, f)
		case name != "":
			b.report(f.goName, "an embedded field of the unexported type %v can't be set: give the field an exported name, as in %s, or tag it `json:\"-\"`", sf.Type, namedField(sf))
		case sf.Type.Kind() != reflect.Interface:
			b.describe(&f, p.within) // nothing can set it, but the JSON Schema is made of its type, too
		}
	}
	return fields
}

// namedField spells an embedded field as one with an exported name.
func namedField(sf reflect.StructField) string {
	first, size := utf8.DecodeRuneInString(sf.Name)
	return fmt.Sprintf("%c%s %v", unicode.ToUpper(first), sf.Name[size:], sf.Type)
}

// inside returns the place of a field of the struct at p.
func (p place) inside(sf reflect.StructField) place {
	p.goName += "." + sf.Name
	p.index = append(slices.Clip(p.index), sf.Index...)
	if p.at != nil {
		p.at = append(slices.Clip(p.at), sf.Index...)
	}
	return p
}

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

// naming says how to make one field of an embedded struct.
func naming(sf reflect.StructField) string {
	if sf.IsExported() {
		return "give it a name by a json tag"
	}
	return "give the field an exported name, as in " + namedField(sf)
}

// checkNames reports a json tag that the tree and the JSON Schema would read
// differently.
func (b *builder) checkNames(f *Field) {
	name, options, _ := strings.Cut(f.tag.Get("json"), ",")
	if name == "-" {
		b.report(f.goName, "json tag: write `json:\"-\"` without a comma to keep the field out of the configuration")
	}
	if options == "" {
		return
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty", "omitzero":
			f.omittable = true
		case "string":
			b.report(f.goName, "json tag: remove the option \"string\": text is converted to what the field takes")
		default:
			b.report(f.goName, "json tag: %q is not an option: a field takes omitempty and omitzero", option)
		}
	}
}

// describe sets the kind of a field by its type, and describes the fields or
// items within it.
func (b *builder) describe(f *Field, within []reflect.Type) {
	f.base = f.typ
	for range 4 { // a type can point to itself
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

// checkSchemaWriter reports a type that should write its own JSON Schema and
// can't. The reflector would panic without the field's name.
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

// describePlain is describe for types without methods of their own.
func (b *builder) describePlain(f *Field, within []reflect.Type) {
	t := f.base
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		if slices.Contains(within, t) {
			b.report(f.goName, "a configuration can't contain itself: tag the field `json:\"-\"`")
			return
		}
	}
	switch t.Kind() {
	case reflect.String:
		f.Kind = Text
	case reflect.Bool:
		f.Kind = Bool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.Kind = Integer
	case reflect.Float32, reflect.Float64:
		f.Kind = Number
	case reflect.Struct:
		f.Kind = Object
		inside := place{goName: f.goName, within: within}
		if f.typ == t {
			inside.at = f.at
		}
		f.Fields = b.fieldsOf(t, inside)
	case reflect.Map:
		f.Kind = Map
		if t.Key().Kind() != reflect.String {
			b.report(f.goName, "a %v can't be configuration: the names in a JSON object are strings; use string keys, or tag the field `json:\"-\"`", t)
			return
		}
		if t.Key() == secretType {
			b.report(f.goName, "a %v can't be configuration: the names in a JSON object are not secret; use a list of structs, or tag the field `json:\"-\"`", t)
			return
		}
		f.Items = b.items(f, within)
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem() == byteType {
			f.Kind = Bytes
			return
		}
		f.Kind = List
		f.Items = b.items(f, within)
	default:
		if t.Kind() != reflect.Interface || t.NumMethod() > 0 {
			b.report(f.goName, "a %v can't be configuration: tag the field `json:\"-\"`, or make it unexported", f.typ)
		}
		f.Kind = JSON
	}
}

// items describes the items of a list or map.
func (b *builder) items(f *Field, within []reflect.Type) *Field {
	item := &Field{goName: f.goName, typ: f.base.Elem()}
	b.describe(item, append(slices.Clip(within), f.base))
	return item
}
