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
	if start, end, flags, ok := locateValue(view(v)); ok {
		return w.validRaw(t, v[start:end], flags)
	}
	if !v.IsValid(rawOptions...) {
		return misfitBecause("raw JSON", "it is not valid JSON")
	}
	flags := mayHaveEscapes | mayHaveLines
	if hasFlaws(v) {
		flags |= mayHaveFlaws
	}
	return w.validRaw(t, bytes.TrimSpace(v), flags)
}

// validRaw appends one JSON value that is known to be valid, without white space
// around it.
func (w *rowWriter) validRaw(t Type, v jsontext.Value, flags rawFlags) error {
	if flags&mayHaveFlaws != 0 {
		v = w.repair(v)
	}
	switch v[0] {
	case 'n':
		w.null()
		return nil
	case 't', 'f':
		return w.bool(t, v[0] == 't')
	case '"':
		if t == TypeString || t == TypeJSON || t == TypeXML || t == 0 || fitsAsIs(t, v[1:len(v)-1]) {
			w.b = append(w.b, v...)
			return nil
		}
		if flags&mayHaveEscapes == 0 {
			return w.text(t, view(v[1:len(v)-1]))
		}
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return misfitBecause("string", "it is not valid JSON")
		}
		return w.text(t, string(text))
	case '{', '[':
		return w.rawNested(t, v, flags)
	}
	if t == TypeJSON || t == 0 || t == TypeLong && isShortInteger(v) {
		w.b = append(w.b, v...)
		return nil
	}
	return w.number(t, view(v))
}

// isCanonical reports whether a value has the canonical form for a column of type t
// as it is. It reports false for values that need more than a look at them.
func isCanonical(t Type, v []byte, flags rawFlags) bool {
	switch v[0] {
	case 'n':
		return true
	case 't', 'f':
		return t == TypeBoolean || t == TypeJSON
	case '"':
		return t == TypeString || t == TypeJSON || t == TypeXML || fitsAsIs(t, v[1:len(v)-1])
	case '{', '[':
		return t == TypeJSON && flags&mayHaveLines == 0
	}
	switch t {
	case TypeJSON:
		return true
	case TypeLong, TypeInt, TypeShort:
		return len(v) <= shortIntegers[t] && isShortInteger(v)
	case TypeFloat, TypeDouble:
		return inFloatRange(t, view(v))
	}
	return false
}

// shortIntegers has the length of an integer that is in the range of the type,
// whatever its digits are.
var shortIntegers = [...]int{TypeLong: 18, TypeInt: 9, TypeShort: 4}

// rawNested appends a valid JSON object or array.
func (w *rowWriter) rawNested(t Type, v jsontext.Value, flags rawFlags) error {
	if t != TypeJSON && t != 0 {
		return misfit(kindOfJSON(v))
	}
	start := len(w.b)
	w.b = append(w.b, v...)
	if flags&mayHaveLines != 0 && (bytes.IndexByte(v, '\n') >= 0 || bytes.IndexByte(v, '\r') >= 0) {
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
