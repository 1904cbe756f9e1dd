// Package jsonvalue decodes JSON from sources into Go values, and encodes
// requests. Package transport documents its rules.
package jsonvalue

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// anyNames accepts what encoding/json accepts: names match without regard to case, and
// several members may have one name.
var anyNames = jsonv2.JoinOptions(
	jsonv2.MatchCaseInsensitiveNames(true),
	jsonv1.MatchCaseSensitiveDelimiter(true),
	jsontext.AllowDuplicateNames(true),
)

// exact decodes numbers without a Go type of their own as json.Number. The decoder looks
// for these functions at every value, so they are left out for types that need none of
// them, see [needsFunctions].
var exact = jsonv2.JoinUnmarshalers(
	jsonv2.UnmarshalFromFunc(decodeNumber),
	jsonv2.UnmarshalFromFunc(decodeAny),
	jsonv2.UnmarshalFromFunc(decodeMap),
	jsonv2.UnmarshalFromFunc(decodeRaw),
)

// exactCells is exact for values that are given as text.
var exactCells = jsonv2.JoinUnmarshalers(exact, jsonv2.UnmarshalFromFunc(decodeBoolText))

// EncodeOptions write the bodies of requests.
var EncodeOptions = jsonv2.WithMarshalers(jsonv2.JoinMarshalers(
	jsonv2.MarshalToFunc(func(e *jsontext.Encoder, n json.Number) error {
		if n == "" {
			n = "0"
		}
		return e.WriteValue(jsontext.Value(n))
	}),
	jsonv2.MarshalToFunc(func(e *jsontext.Encoder, m json.RawMessage) error {
		if m == nil {
			return e.WriteToken(jsontext.Null)
		}
		return e.WriteValue(jsontext.Value(m))
	}),
))

func decodeNumber(d *jsontext.Decoder, n *json.Number) error {
	switch d.PeekKind() {
	case '0':
		v, err := d.ReadValue()
		*n = json.Number(v)
		return err
	case 'n':
		*n = ""
		return d.SkipValue()
	case '"':
		// A number in quotes, as encoding/json accepts it.
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return err
		}
		if v := jsontext.Value(text); v.Kind() != '0' || !v.IsValid() {
			return errors.New("not a number")
		}
		*n = json.Number(text)
		return nil
	}
	return errors.New("not a number")
}

func decodeRaw(d *jsontext.Decoder, m *json.RawMessage) error {
	v, err := d.ReadValue()
	if err == nil {
		*m = append((*m)[:0:0], v...)
	}
	return err
}

func decodeMap(d *jsontext.Decoder, m *map[string]any) error {
	switch d.PeekKind() {
	case 'n':
		*m = nil
		return d.SkipValue()
	case '{':
		got, err := readObject(d)
		*m = got
		return err
	}
	return errors.ErrUnsupported // the decoder reports the mismatch
}

func decodeAny(d *jsontext.Decoder, v *any) (err error) {
	*v, err = readAny(d)
	return err
}

// readAny decodes a value as encoding/json does with UseNumber: nil, bool,
// string, json.Number, []any or map[string]any.
func readAny(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '{':
		return readObject(d)
	case '[':
		if _, err := d.ReadToken(); err != nil {
			return nil, err
		}
		list := []any{}
		for d.PeekKind() != ']' {
			v, err := readAny(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.ReadToken()
		return list, err
	}
	tok, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case '"':
		return tok.String(), nil
	case '0':
		return json.Number(tok.String()), nil
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func readObject(d *jsontext.Decoder) (map[string]any, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	m := map[string]any{}
	for d.PeekKind() != '}' {
		tok, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := tok.String()
		if m[name], err = readAny(d); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return m, err
}

func decodeBoolText(d *jsontext.Decoder, b *bool) error {
	tok, err := d.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() == 'n' {
		*b = false
		return nil
	}
	switch strings.ToLower(tok.String()) {
	case "true", "t", "yes", "y", "1":
		*b = true
	case "false", "f", "no", "n", "0":
		*b = false
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

// UnexpectedEOF returns err, or io.ErrUnexpectedEOF if err is io.EOF, which a
// caller would take for the end of the records.
func UnexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
