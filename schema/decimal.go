package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Decimal is a number kept as the digits that the source wrote, trailing
// zeros included: "19.90" stays "19.90". It decodes from a JSON number or from
// a JSON string, whichever the source sends, and a TypeDecimal column delivers
// it unchanged. It does no arithmetic: convert it where you need some, for
// instance with big.Rat's SetString.
//
// The empty Decimal is no number: a column delivers it as null.
type Decimal string

// UnmarshalJSON sets d from a JSON number, a JSON string that holds one, or
// null, which gives the empty Decimal.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if string(data) == "null" {
		*d = ""
		return nil
	}
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		if text == "" {
			*d = ""
			return nil
		}
	}
	if !isDecimal(text) {
		return fmt.Errorf("schema: a decimal can't be read from %s", kindOfJSON(data))
	}
	*d = Decimal(text)
	return nil
}

// MarshalJSON returns d as a JSON string, or null for the empty Decimal.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	if !isDecimal(string(d)) {
		return nil, fmt.Errorf("schema: a Decimal holds text that is not a number")
	}
	return []byte(`"` + string(d) + `"`), nil
}

// isDecimal reports whether s is an optional sign, digits with at most one
// point among them, and an optional exponent: what every destination's decimal
// type can read.
func isDecimal[T string | []byte](s T) bool {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if i == len(s) {
			return false
		}
		for ; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	return i == len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
