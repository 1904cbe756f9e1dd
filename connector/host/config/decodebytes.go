package config

import (
	"encoding/json"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

func (d *decoder) bytes(v reflect.Value, raw jsontext.Value, path string) {
	var b []byte
	if err := json.Unmarshal(raw, &b); err != nil {
		d.report(path, "want base64")
		return
	}
	v.SetBytes(b)
}
