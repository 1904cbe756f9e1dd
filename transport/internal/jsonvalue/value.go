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
	text, _, err = decodeJSON(raw, v, isZero(v))
	return text, err
}

// DecodeZero is like Decode for v that points to a zero value, which takes time to find out.
// If lossy is false, v has lost neither a null nor the digits of a number.
func DecodeZero(raw []byte, v any) (text []byte, lossy bool, err error) {
	return decodeJSON(raw, v, true)
}

func decodeJSON(raw []byte, v any, zero bool) (text []byte, lossy bool, err error) {
	if m, ok := v.(*json.RawMessage); ok {
		if !jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)) {
			return raw, false, fmt.Errorf("%w: a record with a syntax error in it", sentinel.ErrNotJSON)
		}
		*m = append((*m)[:0:0], raw...)
		return raw, false, nil
	}
	if text, lossy, err = planFor(v, false).decode(raw, v, zero); err == nil {
		return text, lossy, nil
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		err = fmt.Errorf("%w: %w", sentinel.ErrNotJSON, err)
	}
	return text, true, UnexpectedEOF(err)
}

// DecodeCells is like Decode for an object whose values are the text of cells, or
// null.
func DecodeCells(raw []byte, v any) (text []byte, err error) {
	text, _, err = planFor(v, true).decode(raw, v, isZero(v))
	return text, err
}

// decode decodes a value into v. Most values need no rewriting, so it only looks for
// something to rewrite if the decoder finds an error, if the last value had to be
// rewritten, or if v is not a zero value, which a second attempt would have to restore. If
// lossy is false, v has lost nothing, see [DecodeZero].
func (p *plan) decode(raw []byte, v any, zero bool) (text []byte, lossy bool, err error) {
	if p.rewrites.Load() || !zero {
		if text, changed, err := rewrite(raw, p.shape, p.cells); err != nil {
			return raw, true, err
		} else if changed {
			return text, true, jsonv2.Unmarshal(text, v, p.lenient)
		}
		p.rewrites.Store(false)
	}
	if zero {
		if _, lossy, ok := p.decodeQuickly(raw, v, true); ok {
			return raw, lossy, nil
		}
	}
	text, err = p.decodeSlowly(raw, v, zero)
	return text, true, err
}

// decodeSlowly passes a value to the decoder, and once more if it has to be rewritten.
func (p *plan) decodeSlowly(raw []byte, v any, zero bool) (text []byte, err error) {
	first := jsonv2.Unmarshal(raw, v, p.strict)
	if first == nil {
		return raw, nil
	}
	duplicate := errors.Is(first, jsontext.ErrDuplicateName)
	var semantic *jsonv2.SemanticError
	if !duplicate && !errors.As(first, &semantic) {
		return raw, first
	}
	text, changed, err := rewrite(raw, p.shape, p.cells)
	switch {
	case err != nil:
		return raw, err
	case !changed && !duplicate:
		return raw, first
	}
	p.rewrites.Store(changed)
	if zero {
		setZero(v) // other values keep what was set before
	}
	return text, jsonv2.Unmarshal(text, v, p.lenient)
}

// decodeQuickly decodes the value that text begins with into v, which points to a zero value,
// if there is a faster way than to pass it to the decoder. It returns the length of the value.
// If whole is true, only white space may follow. If lossy is false, v has lost nothing. If
// ok is false, v is as before.
func (p *plan) decodeQuickly(text []byte, v any, whole bool) (n int, lossy, ok bool) {
	if p.direct != nil {
		return p.decodeDirect(text, v, whole)
	}
	n, ok = p.decodePruned(text, v, whole)
	return n, true, ok
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
	if n, _, ok := p.decodeQuickly(text, v, false); ok {
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
