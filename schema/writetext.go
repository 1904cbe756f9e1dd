package schema

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// text appends a string.
func (w *rowWriter) text(t Type, s string) error {
	switch t {
	case TypeString, TypeXML, TypeJSON, 0:
		w.string(s)
		return nil
	case TypeDecimal:
		if !isDecimal(s) {
			if isNonFinite(s) {
				return w.cannotHold("NaN or an infinity", "it is not a decimal number: emit a null instead")
			}
			return misfitText("it is not a decimal number")
		}
	case TypeUTCDatetime:
		return w.utcText(s)
	case TypeNaiveDatetime:
		if isCanonicalTime(s, t) {
			break
		}
		if _, ok := parseNaive(s); !ok {
			return w.notATime(s, `want a date and time without zone such as "2006-01-02T15:04:05"`)
		}
	case TypeNaiveDate:
		if isCanonicalTime(s, t) {
			break
		}
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return w.notATime(s, `want a date such as "2006-01-02"`)
		}
	case TypeBinary:
		return w.base64(s)
	case TypeFloat, TypeDouble:
		if isNonFinite(s) { // JSON APIs send text for numbers that JSON lacks
			return w.cannotHold("NaN or an infinity", "JSON has no such number: emit a null instead")
		}
		return misfitText("")
	default:
		return misfitText("")
	}
	w.b = append(append(append(w.b, '"'), s...), '"') // such text has nothing to escape
	return nil
}

// base64 appends the text of a BINARY column.
func (w *rowWriter) base64(s string) error {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	switch {
	case err != nil && hexLength(s) > 0:
		return misfitBecause("string", "want standard base64 with padding: decode hexadecimal text with hex.DecodeString and emit the []byte")
	case err != nil:
		return misfitBecause("string", "want standard base64 with padding")
	}
	w.notes |= base64Text
	if len(s) != base64.StdEncoding.EncodedLen(len(b)) {
		return w.bytes(TypeBinary, b) // removes the line breaks
	}
	w.string(s)
	return nil
}

// textOrNull appends a string, or null if it is empty.
func (w *rowWriter) textOrNull(t Type, s string) error {
	if s == "" {
		w.null()
		return nil
	}
	return w.text(t, s)
}

func (w *rowWriter) marshaledText(t Type, m encoding.TextMarshaler) error {
	text, err := m.MarshalText()
	if err != nil {
		return misfitMethod(fmt.Sprintf("%T", m), "MarshalText", err)
	}
	if z, ok := m.(isZeroer); string(text) == zeroTimeText || ok && isTime(t) && z.IsZero() {
		w.null()
		w.notes |= zeroTime
		return nil
	}
	if t == TypeString || t == TypeXML {
		return w.text(t, string(text))
	}
	return w.textOrNull(t, string(text))
}

func (w *rowWriter) bytes(t Type, v []byte) error {
	switch t {
	case TypeString, TypeXML:
		w.string(string(v))
		return nil
	case TypeJSON:
		// Drivers of databases return JSON like this.
		if isContainer(v) {
			return misfitBecause("[]byte", "it is JSON text, which would be delivered as base64: pass it as a json.RawMessage, or to the method JSON of a Row")
		}
		fallthrough
	case TypeBinary, 0:
		w.b = append(w.b, '"')
		w.b = base64.StdEncoding.AppendEncode(w.b, v)
		w.b = append(w.b, '"')
		return nil
	}
	return misfit("[]byte")
}

// isContainer reports whether text is a JSON object or array.
func isContainer(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
}

// string appends s as a JSON string. Each byte that is not UTF-8 becomes
// U+FFFD.
func (w *rowWriter) string(s string) {
	var replaced bool
	if w.b, replaced = appendString(w.b, s); replaced {
		w.notes |= replacedText
	}
}

// quotedName returns name as a JSON string, followed by a colon.
func quotedName(name string) string {
	var w rowWriter
	w.string(name)
	w.b = append(w.b, ':')
	return string(w.b)
}
