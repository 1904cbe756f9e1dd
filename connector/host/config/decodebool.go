package config

import (
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

func (d *decoder) boolean(v reflect.Value, raw jsontext.Value, text, path string) {
	b, err := strconv.ParseBool(numeral(raw, text))
	if err != nil || raw.Kind() == '0' {
		d.report(path, "want true or false")
		return
	}
	v.SetBool(b)
}
