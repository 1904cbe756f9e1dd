package jsonvalue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// Decode decodes one JSON value into v. It returns the text that was decoded: raw, or
// raw without the members that do not count and with plain integers. The error wraps
// ErrNotJSON if the text is not valid JSON.
func Decode(raw []byte, v any) (text []byte, err error) {
	return decodeJSON(raw, v, isZero(v))
}

// DecodeZero is like Decode for v that points to a zero value, which takes time to find out.
func DecodeZero(raw []byte, v any) (text []byte, err error) {
	return decodeJSON(raw, v, true)
}

func decodeJSON(raw []byte, v any, zero bool) (text []byte, err error) {
	if m, ok := v.(*json.RawMessage); ok {
		if !jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)) {
			return raw, fmt.Errorf("%w: a record with a syntax error in it", sentinel.ErrNotJSON)
		}
		*m = append((*m)[:0:0], raw...)
		return raw, nil
	}
	text, err = decode(raw, v, false, zero)
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		err = fmt.Errorf("%w: %w", sentinel.ErrNotJSON, err)
	}
	return text, UnexpectedEOF(err)
}

// DecodeCells is like Decode for an object whose values are the text of cells, or
// null.
func DecodeCells(raw []byte, v any) (text []byte, err error) {
	return decode(raw, v, true, isZero(v))
}

// decode decodes a value into v. Most values need no rewriting, so it only looks for
// something to rewrite if the decoder finds an error, if the last value had to be
// rewritten, or if v is not a zero value, which a second attempt would have to restore.
func decode(raw []byte, v any, cells, zero bool) (text []byte, err error) {
	p := planFor(v, cells)
	if p.rewrites.Load() || !zero {
		if text, changed, err := rewrite(raw, p.shape, cells); err != nil {
			return raw, err
		} else if changed {
			return text, jsonv2.Unmarshal(text, v, p.lenient)
		}
		p.rewrites.Store(false)
	}
	if _, ok := p.decodePruned(raw, v, true); ok {
		return raw, nil
	}
	first := jsonv2.Unmarshal(raw, v, p.strict)
	if first == nil {
		return raw, nil
	}
	duplicate := errors.Is(first, jsontext.ErrDuplicateName)
	var semantic *jsonv2.SemanticError
	if !duplicate && !errors.As(first, &semantic) {
		return raw, first
	}
	text, changed, err := rewrite(raw, p.shape, cells)
	switch {
	case err != nil:
		return raw, err
	case !changed && !duplicate:
		return raw, first
	}
	p.rewrites.Store(changed)
	setZero(v)
	return text, jsonv2.Unmarshal(text, v, p.lenient)
}

// isZero reports whether v points to a zero value, or is no pointer to a value.
func isZero(v any) bool {
	p := reflect.ValueOf(v)
	return p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().IsZero()
}

// setZero sets the value that v points to to zero.
func setZero(v any) {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && !p.IsNil() {
		p.Elem().SetZero()
	}
}

// A PrefixDecoder decodes values at the beginning of a text that may end within them.
type PrefixDecoder struct {
	text bytes.Buffer
	dec  *jsontext.Decoder
}

// Decode decodes the object or array that text begins with into v. It returns its length.
// It reports false, and v is as before, if there is any error: the text may end within the
// value, or the value may have to be rewritten. The caller then passes the whole value to
// the function Decode.
func (d *PrefixDecoder) Decode(text []byte, v any) (n int, ok bool) {
	if _, ok := v.(*json.RawMessage); ok { // the end of its text must be searched anyway
		return 0, false
	}
	p := planFor(v, false)
	if p.rewrites.Load() || !isZero(v) {
		return 0, false
	}
	if n, ok := p.decodePruned(text, v, false); ok {
		return n, true
	}
	d.text = *bytes.NewBuffer(text)
	if d.dec == nil {
		d.dec = jsontext.NewDecoder(&d.text, p.strict)
	} else {
		d.dec.Reset(&d.text, p.strict)
	}
	if err := jsonv2.UnmarshalDecode(d.dec, v); err != nil {
		setZero(v)
		return 0, false
	}
	return int(d.dec.InputOffset()), true
}
