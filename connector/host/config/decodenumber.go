package config

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// numeral returns the text of a number or bool, which may be a JSON string.
func (in input) numeral() string {
	if in.isText() {
		return strings.TrimSpace(in.text)
	}
	return strings.TrimSpace(string(in.raw))
}

// integer sets a signed or unsigned integer.
func (d *decoder) integer(v reflect.Value, in input) {
	digits, err := plainDigits(in.numeral())
	if v.CanUint() {
		d.unsigned(v, digits, err, in.path)
	} else {
		d.signed(v, digits, err, in.path)
	}
}

// signed sets a signed integer from its digits, unless err reports that they are
// not valid.
func (d *decoder) signed(v reflect.Value, digits string, err error, path string) {
	var n int64
	if err == nil {
		n, err = strconv.ParseInt(digits, 10, v.Type().Bits())
	}
	if err != nil {
		d.report(path, "want a whole number%s", outOfRange(err))
		return
	}
	v.SetInt(n)
}

// unsigned is like signed, but sets an unsigned integer.
func (d *decoder) unsigned(v reflect.Value, digits string, err error, path string) {
	var n uint64
	if err == nil {
		n, err = strconv.ParseUint(digits, 10, v.Type().Bits())
	}
	if err != nil {
		d.report(path, "want a non-negative whole number%s", outOfRange(err))
		return
	}
	v.SetUint(n)
}

// number sets a float or a json.Number.
func (d *decoder) number(v reflect.Value, in input) {
	if v.Type() == jsonNumberType {
		d.exactNumber(v, in)
		return
	}
	n, err := strconv.ParseFloat(in.numeral(), v.Type().Bits())
	if err != nil || n-n != 0 { // not a number, or infinite
		d.report(in.path, "want a number%s", outOfRange(err))
		return
	}
	v.SetFloat(n)
}

// exactNumber sets a json.Number and keeps every digit.
func (d *decoder) exactNumber(v reflect.Value, in input) {
	digits := jsontext.Value(in.numeral())
	if digits.Kind() != '0' || !digits.IsValid() || hasHugeNumber(digits) {
		d.report(in.path, "want a number in range")
		return
	}
	v.SetString(string(digits))
}

// outOfRange returns the end of a message about a number.
func outOfRange(err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return " in range"
	}
	return ""
}
