package schema

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// raw appends JSON that an author or a source supplied. It checks the JSON
// first.
func (w *rowWriter) raw(t Type, v jsontext.Value) error {
	if len(v) == 0 {
		w.null()
		return nil
	}
	if !v.IsValid(rawOptions...) {
		return misfitBecause("raw JSON", "it is not valid JSON")
	}
	return w.validRaw(t, bytes.TrimSpace(v), hasFlaws(v))
}

// validRaw appends one JSON value that is known to be valid. If flawed is set,
// the value may have to be repaired.
func (w *rowWriter) validRaw(t Type, v jsontext.Value, flawed bool) error {
	if flawed {
		v = w.repair(v)
	}
	switch kind := v.Kind(); kind {
	case 'n':
		w.null()
		return nil
	case 't', 'f':
		return w.bool(t, kind == 't')
	case '0':
		if t == TypeJSON || t == 0 || t == TypeLong && isShortInteger(v) {
			w.b = append(w.b, v...)
			return nil
		}
		return w.number(t, string(v))
	case '"':
		if t == TypeString || t == TypeJSON || t == TypeXML || t == 0 || fitsAsIs(t, v[1:len(v)-1]) {
			w.b = append(w.b, v...)
			return nil
		}
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return misfitBecause("string", "it is not valid JSON")
		}
		return w.text(t, string(text))
	default:
		return w.rawNested(t, v)
	}
}

// rawNested appends a valid JSON object or array.
func (w *rowWriter) rawNested(t Type, v jsontext.Value) error {
	if t != TypeJSON && t != 0 {
		return misfit(kindOfJSON(v))
	}
	start := len(w.b)
	w.b = append(w.b, v...)
	if bytes.IndexByte(v, '\n') >= 0 || bytes.IndexByte(v, '\r') >= 0 {
		compact := jsontext.Value(w.b[start:])
		if err := compact.Compact(rawOptions...); err != nil {
			return misfitBecause(kindOfJSON(v), "it is not valid JSON")
		}
		w.b = w.b[:start+len(compact)]
	}
	return nil
}

// repair calls the function repair and counts the value if text was replaced.
func (w *rowWriter) repair(v []byte) []byte {
	v, replaced := repair(v)
	if replaced {
		w.notes |= replacedText
	}
	return v
}
