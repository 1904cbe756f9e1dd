package fivetran

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host/config"
)

// defaultText returns the default of a field as the text with which configure sets the field
// to it again, or "" if there is none. The default of a field with choices is one of them, as
// the form spells it.
func defaultText(f *config.Field) string {
	if f.Default == nil {
		return ""
	}
	if i := slices.IndexFunc(f.Choices, func(choice any) bool { return sameValue(choice, f.Default) }); i >= 0 {
		return fmt.Sprint(f.Choices[i])
	}
	switch f.Default.(type) {
	case []any, map[string]any:
		return jsonText(f.Default)
	}
	if f.Kind == config.JSON { // where 5 is a number and "5" is text
		return jsonText(f.Default)
	}
	return fmt.Sprint(f.Default)
}

// sameValue reports whether two texts or numbers are equal. 1e21 and 1e+21 are.
func sameValue(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, areNumbers := b.(json.Number)
	if !isNumber || !areNumbers {
		text, isText := a.(string)
		return isText && any(text) == b
	}
	digits, exponent := decimalForm([]byte(x))
	otherDigits, otherExponent := decimalForm([]byte(y))
	sameSign := strings.HasPrefix(string(x), "-") == strings.HasPrefix(string(y), "-") || digits == "" // 0 and -0
	return digits == otherDigits && exponent == otherExponent && sameSign
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
