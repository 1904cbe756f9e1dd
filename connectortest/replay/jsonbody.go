package replay

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// mapJSON returns a text of JSON objects, arrays and strings with other strings, names of
// members and numbers. It keeps the order, the spacing and the spelling of all that the
// functions do not change. It reports false if text is something else.
func mapJSON(text string, str, number func(string) string) (mapped string, ok bool) {
	if start := strings.TrimLeft(text, " \t\r\n"); start == "" || start[0] != '{' && start[0] != '[' && start[0] != '"' {
		return "", false
	}
	dec := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var out strings.Builder
	names := redact.NewMaskedNames([]byte(text))
	done := 0
	replace := func(with string) {
		out.WriteString(with)
		done = int(dec.InputOffset())
	}
	for {
		kind := dec.PeekKind()
		if kind != '"' && kind != '0' {
			token, err := dec.ReadToken()
			if errors.Is(err, io.EOF) {
				return out.String() + text[done:], true
			}
			if err != nil {
				return "", false
			}
			if token.Kind() == '{' {
				names.Begin(dec.StackDepth())
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return "", false
		}
		plain := string(value)
		before := text[done : int(dec.InputOffset())-len(plain)]
		if kind == '0' {
			replace(before + number(plain))
			continue
		}
		unquoted, err := jsontext.AppendUnquote(nil, plain)
		if err != nil {
			return "", false
		}
		clean := str(string(unquoted))
		if clean == string(unquoted) {
			replace(before + plain)
			continue
		}
		depth := dec.StackDepth()
		if within, length := dec.StackIndex(depth); within == '{' && length%2 == 1 {
			clean = names.Unique(depth, clean)
		}
		quoted, err := jsontext.AppendQuote(nil, clean)
		if err != nil {
			return "", false
		}
		replace(before + string(quoted))
	}
}
