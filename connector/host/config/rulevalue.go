package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
)

// jsonValue returns a JSON text as a value that rules check: nil, a bool, a string, a
// json.Number, a []any or a map[string]any.
func jsonValue(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return value, nil
}

// typeNames holds the types of JSON Schema in the order of messages.
var typeNames = []string{"null", "boolean", "number", "integer", "string", "array", "object"}

// typeOf returns the type of a value. All numbers have the type number.
func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// keyOf returns a text that is the same for equal values, and for those only. Numbers are
// equal if they have the same value, objects regardless of the order of their members.
func keyOf(value any) string { return string(appendKey(nil, value)) }

func appendKey(key []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(key, "null"...)
	case bool:
		return strconv.AppendBool(key, value)
	case json.Number:
		if number, ok := exact(value); ok {
			return append(key, number.RatString()...)
		}
		return append(key, value.String()...)
	case string:
		return strconv.AppendQuote(key, value)
	case []any:
		key = append(key, '[')
		for _, item := range value {
			key = append(appendKey(key, item), ',')
		}
		return append(key, ']')
	case map[string]any:
		key = append(key, '{')
		for _, name := range slices.Sorted(maps.Keys(value)) {
			key = append(strconv.AppendQuote(key, name), ':')
			key = append(appendKey(key, value[name]), ',')
		}
		return append(key, '}')
	}
	return key
}
