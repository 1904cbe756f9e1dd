package config

import (
	"encoding/json"
	"reflect"
)

// bytes sets a []byte from base64.
func (d *decoder) bytes(v reflect.Value, in input) {
	var b []byte
	if err := json.Unmarshal(in.raw, &b); err != nil {
		d.report(in.path, "want base64")
		return
	}
	v.SetBytes(b)
}
