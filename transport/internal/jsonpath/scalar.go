package jsonpath

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// Scalar returns a JSON value as text: the characters of a string, the digits
// of a number, true or false, and "" for null. An array or an object is an
// error.
func Scalar(raw []byte) (string, error) {
	switch v := jsontext.Value(raw); v.Kind() {
	case 'n':
		return "", nil
	case '"':
		text, err := jsontext.AppendUnquote(nil, raw)
		return string(text), err
	case '0', 't', 'f':
		if !v.IsValid() {
			return "", fmt.Errorf("%w: %.20q", sentinel.ErrNotJSON, raw)
		}
		return string(raw), nil
	}
	return "", fmt.Errorf("an array or an object instead of a single value")
}
