package config

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// json sets a field that takes any JSON, or that decodes itself from JSON.
func (d *decoder) json(f *Field, v reflect.Value, in input) {
	isText := in.isText()
	if isText && f.TakesJSONText() {
		in.raw, isText = jsontext.Value(in.text), false
	}
	if !in.raw.IsValid() || hasHugeNumber(in.raw) {
		d.report(in.path, "want valid JSON, with numbers in range")
		return
	}
	fresh := reflect.New(v.Type()) // a default may be a pointer that others share
	var err error
	returned := d.panics.field(in.path, string(in.raw)+" "+in.text, func() {
		err = json.Unmarshal(in.raw, fresh.Interface())
		if err != nil && isText && f.reads && jsontext.Value(in.text).IsValid() && !hasHugeNumber(jsontext.Value(in.text)) {
			err = json.Unmarshal([]byte(in.text), fresh.Interface())
		}
	})
	switch {
	case !returned:
	case err == nil:
		d.texts[in.path] = string(in.raw)
		v.Set(fresh.Elem())
	case f.reads:
		d.report(in.path, "want a %v", f.base)
	default:
		d.report(in.path, "want valid JSON, with numbers in range")
	}
}

// hasHugeNumber reports whether valid JSON contains a number whose exponent
// makes it too long to expand.
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
