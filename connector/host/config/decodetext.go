package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

// text sets a string, or a type that decodes itself from text. It accepts a
// number or a bool as its JSON text.
func (d *decoder) text(f *Field, v reflect.Value, in input) {
	switch in.raw.Kind() {
	case '"':
	case '0', 't', 'f':
		in.text = string(in.raw)
	default:
		if !reflect.PointerTo(f.base).Implements(jsonUnmarshalerType) {
			d.report(in.path, "want %s", nounOf(f))
			return
		}
	}
	if !f.reads {
		v.SetString(in.text)
		return
	}
	fresh := reflect.New(v.Type())
	var err error
	if !d.panics.field(in.path, in.text, func() { err = unmarshalText(fresh, in) }) {
		return
	}
	if err != nil {
		d.report(in.path, "want %s", nounOf(f))
		return
	}
	d.texts[in.path] = in.text
	v.Set(fresh.Elem())
}

// nounOf returns a noun for the values of a field of kind Text, for messages.
func nounOf(f *Field) string {
	switch {
	case f.base == urlType:
		return "a URL"
	case f.reads:
		return fmt.Sprintf("a %v", f.base)
	}
	return "text"
}

// unmarshalText sets the value behind a pointer by its own methods.
func unmarshalText(pointer reflect.Value, in input) error {
	if u, ok := pointer.Interface().(*url.URL); ok {
		parsed, err := url.Parse(strings.TrimSpace(in.text))
		if err == nil {
			*u = *parsed
		}
		return err
	}
	if _, ok := pointer.Interface().(json.Unmarshaler); ok {
		// UnmarshalJSON may accept text that UnmarshalText rejects.
		if err := json.Unmarshal(in.raw, pointer.Interface()); err == nil {
			return nil
		}
	}
	return pointer.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(in.text))
}
