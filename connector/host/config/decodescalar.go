package config

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
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

// duration sets a time.Duration.
func (d *decoder) duration(v reflect.Value, in input) {
	length, err := time.ParseDuration(strings.TrimSpace(in.text))
	if err != nil {
		d.report(in.path, `want a duration with its unit, such as "30s" or "1h30m"`)
		return
	}
	v.SetInt(int64(length))
}

// time sets a time.Time.
func (d *decoder) time(v reflect.Value, in input) {
	text := strings.TrimSpace(in.text)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		d.report(in.path, `want a time such as "2006-01-02T15:04:05Z" or a date such as "2006-01-02"`)
		return
	}
	v.Set(reflect.ValueOf(at))
}

// bytes sets a []byte from base64.
func (d *decoder) bytes(v reflect.Value, in input) {
	var b []byte
	if err := json.Unmarshal(in.raw, &b); err != nil {
		d.report(in.path, "want base64")
		return
	}
	v.SetBytes(b)
}
