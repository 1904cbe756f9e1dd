package config

import (
	"bytes"
	"encoding/json"
	"math/big"
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
		if v.Kind() == reflect.Interface {
			err = unmarshalAny(in.raw, fresh.Elem())
			return
		}
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

// unmarshalAny decodes JSON into an empty interface as encoding/json does, except that an
// integer that a float64 cannot hold becomes a json.Number. It may be the ID of an account.
func unmarshalAny(raw []byte, v reflect.Value) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	err := dec.Decode(&value)
	if err == nil {
		value, err = withFloats(value)
	}
	if err == nil && value != nil {
		v.Set(reflect.ValueOf(value))
	}
	return err
}

// withFloats replaces the numbers in a value that a float64 can hold.
func withFloats(value any) (any, error) {
	var err error
	switch value := value.(type) {
	case json.Number:
		f, err := value.Float64()
		if err != nil {
			return nil, err
		}
		if n, ok := new(big.Int).SetString(string(value), 10); ok {
			if got, _ := big.NewFloat(f).Int(nil); got.Cmp(n) != 0 {
				return value, nil
			}
		}
		return f, nil
	case []any:
		for i := range value {
			if value[i], err = withFloats(value[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range value {
			if value[name], err = withFloats(value[name]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
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
