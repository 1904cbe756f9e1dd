package config

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// integer sets a whole number from its JSON form or from text.
func (d *decoder) integer(v reflect.Value, raw jsontext.Value, text, path string) {
	digits, err := plainDigits(numeral(raw, text))
	if t := v.Type(); v.CanUint() {
		var n uint64
		if err == nil {
			n, err = strconv.ParseUint(digits, 10, t.Bits())
		}
		if err != nil {
			d.report(path, "want a whole number that is not negative%s", outOfRange(err))
			return
		}
		v.SetUint(n)
	} else {
		var n int64
		if err == nil {
			n, err = strconv.ParseInt(digits, 10, t.Bits())
		}
		if err != nil {
			d.report(path, "want a whole number%s", outOfRange(err))
			return
		}
		v.SetInt(n)
	}
}

func (d *decoder) number(v reflect.Value, raw jsontext.Value, text, path string) {
	if v.Type() == jsonNumberType {
		digits := jsontext.Value(numeral(raw, text))
		if digits.Kind() != '0' || !digits.IsValid() || hasHugeNumber(digits) {
			d.report(path, "want a number in range")
			return
		}
		v.SetString(string(digits))
		return
	}
	n, err := strconv.ParseFloat(numeral(raw, text), v.Type().Bits())
	if err != nil || n-n != 0 { // not a number, or infinite
		d.report(path, "want a number%s", outOfRange(err))
		return
	}
	v.SetFloat(n)
}

// numeral returns what a JSON value or the text within it spells.
func numeral(raw jsontext.Value, text string) string {
	if raw.Kind() != '"' {
		text = string(raw)
	}
	return strings.TrimSpace(text)
}

func outOfRange(err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return " in range"
	}
	return ""
}
