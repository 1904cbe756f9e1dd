package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// text sets a string. A number or a bool that stands where text is wanted is
// its own text.
func (d *decoder) text(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	switch raw.Kind() {
	case '"':
	case '0', 't', 'f':
		text = string(raw)
	default:
		if !reflect.PointerTo(f.base).Implements(jsonUnmarshalerType) {
			d.report(path, "want %s", nounOf(f))
			return
		}
	}
	if !f.reads {
		v.SetString(text)
		return
	}
	fresh := reflect.New(v.Type())
	var err error
	if !d.panics.field(path, text, func() { err = readText(fresh, raw, text) }) {
		return
	}
	if err != nil {
		d.report(path, "want %s", nounOf(f))
		return
	}
	d.texts[path] = text
	v.Set(fresh.Elem())
}

func nounOf(f *Field) string {
	switch {
	case f.base == urlType:
		return "a URL"
	case f.reads:
		return fmt.Sprintf("a %v", f.base)
	}
	return "text"
}

// readText lets a value read itself.
func readText(pointer reflect.Value, raw jsontext.Value, text string) error {
	if u, ok := pointer.Interface().(*url.URL); ok {
		parsed, err := url.Parse(strings.TrimSpace(text))
		if err == nil {
			*u = *parsed
		}
		return err
	}
	if _, ok := pointer.Interface().(json.Unmarshaler); ok {
		// It may take text that its UnmarshalText does not.
		if err := json.Unmarshal(raw, pointer.Interface()); err == nil {
			return nil
		}
	}
	return pointer.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
}
