package config

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A decoder fills in the fields of a configuration and collects the problems.
// Its messages name fields, never values.
type decoder struct {
	problems []problem
	unknown  []string
	given    map[string]bool   // paths of the fields that the configuration sets
	texts    map[string]string // by path, the text or JSON of fields that decode themselves
	panics   *panics
}

func newDecoder(p *panics) *decoder {
	return &decoder{given: map[string]bool{}, texts: map[string]string{}, panics: p}
}

// instance returns an instance that encodes what the decoder has filled in.
func (d *decoder) instance() *instance {
	return &instance{given: d.given, texts: d.texts, panics: d.panics}
}

func (d *decoder) report(path, format string, args ...any) {
	d.problems = append(d.problems, problem{path: path, text: fmt.Sprintf(format, args...)})
}

// An input is a value of the configuration that a field is set from.
type input struct {
	path string // dotted, of the field
	raw  jsontext.Value
	text string // raw without its quotes and escapes, if it is a string
}

// isText reports whether the value is a JSON string.
func (in input) isText() bool { return in.raw.Kind() == '"' }

// value sets v from a JSON value. It never writes through a pointer, map or
// slice that v already holds, because defaults share those.
func (d *decoder) value(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			fresh.Elem().Set(v.Elem())
		}
		d.value(f, fresh.Elem(), raw, path)
		v.Set(fresh)
		return
	}
	in := input{path: path, raw: raw}
	if in.isText() {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil || !utf8.Valid(unquoted) {
			d.report(path, "want valid text")
			return
		}
		in.text = string(unquoted)
	}
	d.byKind(f, v, in)
}

// byKind sets v with the function for the kind of the field.
func (d *decoder) byKind(f *Field, v reflect.Value, in input) {
	switch f.Kind {
	case Text:
		d.text(f, v, in)
	case Duration:
		d.duration(v, in)
	case Time:
		d.time(v, in)
	case Integer:
		d.integer(v, in)
	case Number:
		d.number(v, in)
	case Bool:
		d.boolean(v, in)
	case Bytes:
		d.bytes(v, in)
	case List:
		d.list(f, v, in)
	case Map:
		d.mapping(f, v, in)
	case Object:
		d.object(f.Fields, v, in.object(), in.path)
	case JSON:
		d.json(f, v, in)
	}
}

// item sets an item of a list or map. It always counts as set, even if its value
// is zero.
func (d *decoder) item(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	d.given[path] = true
	d.value(f, v, raw, path)
}
