package config

import (
	"reflect"
	"strconv"
)

// boolean sets a bool. Text may be any spelling that strconv.ParseBool accepts,
// but a JSON number is not a bool.
func (d *decoder) boolean(v reflect.Value, in input) {
	b, err := strconv.ParseBool(in.numeral())
	if err != nil || in.raw.Kind() == '0' {
		d.report(in.path, "want true or false")
		return
	}
	v.SetBool(b)
}
