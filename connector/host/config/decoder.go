package config

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A decoder fills a configuration's fields and collects what is wrong. Its
// messages name fields, never values.
type decoder struct {
	problems []problem
	unknown  []string
	given    map[string]bool   // fields that were not left to their defaults
	texts    map[string]string // the text or JSON of fields that read themselves
	panics   *panics
}

func newDecoder(p *panics) *decoder {
	return &decoder{given: map[string]bool{}, texts: map[string]string{}, panics: p}
}

// instance returns the instance for what the decoder has filled.
func (d *decoder) instance() *instance {
	return &instance{given: d.given, texts: d.texts, panics: d.panics}
}

func (d *decoder) report(path, format string, args ...any) {
	d.problems = append(d.problems, problem{path: path, text: fmt.Sprintf(format, args...)})
}

// value sets v from one JSON value. It never writes through a pointer, map or
// slice that is there already: that is the default's, which others share.
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
	text, isText := "", raw.Kind() == '"'
	if isText {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil || !utf8.Valid(unquoted) {
			d.report(path, "want valid text")
			return
		}
		text = string(unquoted)
	}
	switch f.Kind {
	case Text:
		d.text(f, v, raw, text, path)
	case Duration:
		d.duration(v, text, path)
	case Time:
		d.time(v, text, path)
	case Integer:
		d.integer(v, raw, text, path)
	case Number:
		d.number(v, raw, text, path)
	case Bool:
		d.boolean(v, raw, text, path)
	case Bytes:
		d.bytes(v, raw, path)
	case List:
		d.list(f, v, raw, text, path)
	case Map, Object:
		if isText {
			raw = jsontext.Value(text)
		}
		if f.Kind == Object {
			d.object(f.Fields, v, raw, path)
		} else {
			d.mapping(f, v, raw, path)
		}
	case JSON:
		d.json(f, v, raw, text, path)
	}
}

// item sets an item of a list or map, which is always given.
func (d *decoder) item(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	d.given[path] = true
	d.value(f, v, raw, path)
}
