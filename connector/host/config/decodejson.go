package config

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// json sets a value that can be any JSON, or that reads itself from JSON.
func (d *decoder) json(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	isText := raw.Kind() == '"'
	if isText && (f.base == rawMessageType || f.base == rawValueType) {
		raw, isText = jsontext.Value(text), false
	}
	if !raw.IsValid() || hasHugeNumber(raw) {
		d.report(path, "want valid JSON, with numbers in range")
		return
	}
	fresh := reflect.New(v.Type()) // a default may be a pointer that others share
	var err error
	returned := d.panics.field(path, string(raw)+" "+text, func() {
		err = json.Unmarshal(raw, fresh.Interface())
		if err != nil && isText && f.reads && jsontext.Value(text).IsValid() && !hasHugeNumber(jsontext.Value(text)) {
			err = json.Unmarshal([]byte(text), fresh.Interface())
		}
	})
	switch {
	case !returned:
	case err == nil:
		d.texts[path] = string(raw)
		v.Set(fresh.Elem())
	case f.reads:
		d.report(path, "want a %v", f.base)
	default:
		d.report(path, "want valid JSON, with numbers in range")
	}
}

// hasHugeNumber reports whether valid JSON has a number whose exponent makes
// it too long to expand.
func hasHugeNumber(raw jsontext.Value) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() == '0' && hasHugeExponent(token.String()) {
			return true
		}
	}
}
