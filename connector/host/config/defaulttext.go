package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// DefaultText returns the default as text, for a form whose values are all text, or "" if there
// is no default. A default that is one of the Choices is spelled as the choice is. A field of
// kind [JSON] has its JSON, so that 5 and "5" differ: to set the default, pass that text on as
// JSON or, if TakesJSONText returns true, as text.
func (f Field) DefaultText() string {
	if f.Default == nil {
		return ""
	}
	key := keyOf(f.Default)
	if i := slices.IndexFunc(f.Choices, func(choice any) bool { return keyOf(choice) == key }); i >= 0 {
		return fmt.Sprint(f.Choices[i]) // 1e21 for 1e+21
	}
	switch f.Default.(type) {
	case []any, map[string]any:
		return jsonText(f.Default)
	}
	if f.Kind == JSON { // where 5 is a number and "5" is text
		return jsonText(f.Default)
	}
	return fmt.Sprint(f.Default)
}

// jsonText returns the JSON text of a value as a person would write it: with < instead of
// \u003c.
func jsonText(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "" // a default is a JSON value
	}
	return strings.TrimSuffix(b.String(), "\n")
}
