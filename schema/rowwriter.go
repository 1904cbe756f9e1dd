package schema

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A rowWriter builds the canonical form of one row. Most of its methods append
// one value and return a *valueError if the value does not fit the column type.
// The zero Type stands for an undeclared column, whose form depends on the
// value alone.
type rowWriter struct {
	b        []byte
	replaced int // the number of values in which bytes were replaced by U+FFFD
	depth    int // the depth in values that may contain themselves
}

func (w *rowWriter) null() { w.b = append(w.b, "null"...) }

func (w *rowWriter) bool(t Type, v bool) error {
	if t != TypeBoolean && t != TypeJSON && t != 0 {
		return misfit("bool")
	}
	w.b = strconv.AppendBool(w.b, v)
	return nil
}

func (w *rowWriter) int(t Type, v int64) error {
	switch t {
	case TypeShort:
		if v < math.MinInt16 || v > math.MaxInt16 {
			return misfitBecause("integer", "it needs more than 16 bits")
		}
	case TypeInt:
		if v < math.MinInt32 || v > math.MaxInt32 {
			return misfitBecause("integer", "it needs more than 32 bits")
		}
	case TypeLong, TypeFloat, TypeDouble, TypeJSON, 0:
	case TypeDecimal:
		w.b = append(w.b, '"')
		w.b = strconv.AppendInt(w.b, v, 10)
		w.b = append(w.b, '"')
		return nil
	default:
		return misfit("integer")
	}
	w.b = strconv.AppendInt(w.b, v, 10)
	return nil
}

func (w *rowWriter) uint(t Type, v uint64) error {
	if v <= math.MaxInt64 {
		return w.int(t, int64(v))
	}
	switch t {
	case TypeShort, TypeInt, TypeLong:
		return misfitBecause("uint64", "it needs more than 63 bits: declare the column DECIMAL")
	case TypeFloat, TypeDouble, TypeJSON, 0:
		w.b = strconv.AppendUint(w.b, v, 10)
	case TypeDecimal:
		w.b = append(w.b, '"')
		w.b = strconv.AppendUint(w.b, v, 10)
		w.b = append(w.b, '"')
	default:
		return misfit("integer")
	}
	return nil
}

// exactFloat is the magnitude below which an integer in a float64 is exact. An
// integer of 2^53 may have been 2^53+1 before it was converted.
const exactFloat = 1 << 53

func (w *rowWriter) float(t Type, v float64, bits int) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return misfitBecause("NaN or an infinity", "JSON has no such number: emit a null instead")
	}
	switch t {
	case TypeFloat, TypeDouble, TypeJSON, 0:
		if t == TypeFloat && math.IsInf(float64(float32(v)), 0) {
			return misfitBecause("float64", "it is out of the range of a 32-bit float")
		}
		w.b = appendFloat(w.b, v, bits)
		return nil
	case TypeShort, TypeInt, TypeLong:
		if v != math.Trunc(v) {
			return misfitBecause("float64", "it has a fraction")
		}
		if math.Abs(v) >= exactFloat {
			return misfitBecause("float64", "an integer of 2^53 or more may already have lost digits: decode it as int64 or json.Number")
		}
		return w.int(t, int64(v))
	case TypeDecimal:
		return misfitBecause("float64", "it may already have lost digits: decode it as schema.Decimal or json.Number")
	}
	return misfit("float64")
}

// appendFloat appends the shortest digits that parse as v, in the notation of
// encoding/json and ECMAScript.
func appendFloat(b []byte, v float64, bits int) []byte {
	abs, format := math.Abs(v), byte('f')
	if abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	b = strconv.AppendFloat(b, v, format, -1, bits)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1] // turn e-09 into e-9
		b = b[:n-1]
	}
	return b
}

// number appends a number from a json.Number or from raw JSON. The digits are a
// valid JSON number.
func (w *rowWriter) number(t Type, digits string) error {
	switch t {
	case TypeFloat, TypeDouble, TypeJSON, 0:
		if t == TypeFloat || t == TypeDouble {
			if err := floatRange(t, digits); err != nil {
				return err
			}
		}
		w.b = append(w.b, digits...)
		return nil
	case TypeDecimal:
		w.b = append(append(append(w.b, '"'), digits...), '"')
		return nil
	case TypeShort, TypeInt, TypeLong:
		v, err := strconv.ParseInt(trimZeroFraction(digits), 10, 64)
		if err != nil {
			return misfitBecause("number", "it is not a 64-bit integer")
		}
		return w.int(t, v)
	}
	return misfit("number")
}

// floatRange returns an error if the number is out of the range of the column
// type. More digits than the type can represent are not an error. They are
// written unchanged.
func floatRange(t Type, digits string) error {
	bits, short := 64, 300
	if t == TypeFloat {
		bits, short = 32, 38
	}
	if len(digits) <= short && !strings.ContainsAny(digits, "eE") {
		return nil
	}
	if _, err := strconv.ParseFloat(digits, bits); err != nil {
		return misfitBecause("number", "it is out of the range of a "+strconv.Itoa(bits)+"-bit float")
	}
	return nil
}

// trimZeroFraction turns "5.00" into "5". Some sources write integers this way.
func trimZeroFraction(digits string) string {
	for i := range len(digits) {
		if digits[i] != '.' {
			continue
		}
		for j := i + 1; j < len(digits); j++ {
			if digits[j] != '0' {
				return digits
			}
		}
		return digits[:i]
	}
	return digits
}

func (w *rowWriter) jsonNumber(t Type, n json.Number) error {
	switch {
	case n == "":
		w.null()
		return nil
	case t == TypeString:
		return w.text(t, string(n))
	case !isJSONNumber(string(n)):
		return misfitBecause("json.Number", "it is not a valid JSON number")
	}
	return w.number(t, string(n))
}

func (w *rowWriter) bigInt(t Type, n *big.Int) error {
	switch t {
	case TypeShort, TypeInt, TypeLong:
		if !n.IsInt64() {
			return misfitBecause("big.Int", "it needs more than 64 bits: declare the column DECIMAL")
		}
		return w.int(t, n.Int64())
	case TypeDecimal, TypeString:
		w.b = append(n.Append(append(w.b, '"'), 10), '"')
		return nil
	case TypeFloat, TypeDouble:
		return w.number(t, n.String())
	}
	w.b = n.Append(w.b, 10)
	return nil
}

// text appends a string.
func (w *rowWriter) text(t Type, s string) error {
	switch t {
	case TypeString, TypeXML, TypeJSON, 0:
		w.string(s)
		return nil
	case TypeDecimal:
		if !isDecimal(s) {
			return misfitBecause("string", "it is not a decimal number")
		}
	case TypeUTCDatetime:
		return w.utcText(s)
	case TypeNaiveDatetime:
		if _, ok := parseNaive(s); !ok {
			return misfitBecause("string", `want a date and time without zone such as "2006-01-02T15:04:05"`)
		}
	case TypeNaiveDate:
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return misfitBecause("string", `want a date such as "2006-01-02"`)
		}
	case TypeBinary:
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil {
			return misfitBecause("string", "want standard base64 with padding")
		}
		if len(s) != base64.StdEncoding.EncodedLen(len(b)) {
			return w.bytes(t, b) // removes the line breaks
		}
	default:
		return misfit("string")
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
	if t == TypeString || t == TypeXML {
		return w.text(t, string(text))
	}
	return w.textOrNull(t, string(text))
}

// utcText appends an RFC 3339 time, converted to UTC. The digits of its
// fraction do not change.
func (w *rowWriter) utcText(s string) error {
	v, zone, ok := parseUTC(s)
	if !ok {
		return misfitBecause("string", `want a time in the format of RFC 3339 such as "2006-01-02T15:04:05Z"`)
	}
	v = v.UTC()
	if y := v.Year(); y < 0 || y > 9999 {
		return misfitBecause("string", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
	}
	w.b = append(w.b, '"')
	w.b = v.AppendFormat(w.b, naiveDatetime)
	w.b = append(append(w.b, s[len(naiveDatetime):zone]...), 'Z', '"')
	return nil
}

func (w *rowWriter) time(t Type, v time.Time) error {
	if y := v.Year(); y < 0 || y > 9999 {
		return misfitBecause("time.Time", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
	}
	w.b = append(w.b, '"')
	switch t {
	case TypeJSON:
		if _, offset := v.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 {
			return w.nestedUTC(v)
		}
		w.b = v.AppendFormat(w.b, time.RFC3339Nano)
	case TypeUTCDatetime, TypeString, 0:
		u := v.UTC()
		if y := u.Year(); y < 0 || y > 9999 {
			return misfitBecause("time.Time", "RFC 3339 cannot represent the year "+strconv.Itoa(y))
		}
		w.b = u.AppendFormat(w.b, time.RFC3339Nano)
	case TypeNaiveDatetime:
		w.b = v.AppendFormat(w.b, naiveDatetime+".999999999")
	case TypeNaiveDate:
		w.b = v.AppendFormat(w.b, time.DateOnly)
	default:
		return misfit("time.Time")
	}
	w.b = append(w.b, '"')
	return nil
}

// nestedUTC appends a time whose zone RFC 3339 cannot represent. The opening
// quote has already been written.
func (w *rowWriter) nestedUTC(v time.Time) error {
	w.b = w.b[:len(w.b)-1]
	return w.time(TypeUTCDatetime, v)
}

func (w *rowWriter) bytes(t Type, v []byte) error {
	switch t {
	case TypeString, TypeXML:
		w.string(string(v))
		return nil
	case TypeBinary, TypeJSON, 0:
		w.b = append(w.b, '"')
		w.b = base64.StdEncoding.AppendEncode(w.b, v)
		w.b = append(w.b, '"')
		return nil
	}
	return misfit("[]byte")
}

// plain is true for the ASCII bytes that need no escape in a JSON string.
var plain = func() (ok [256]bool) {
	for c := range ok {
		ok[c] = c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
	}
	return ok
}()

const hexDigits = "0123456789abcdef"

// string appends s as a JSON string. Each byte that is not UTF-8 becomes
// U+FFFD.
func (w *rowWriter) string(s string) {
	b := w.b
	b = append(b, '"')
	start, broken := 0, false
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, s[start:i]...), "\uFFFD"...)
			start, broken = i+1, true
		case r == '\u2028' || r == '\u2029':
			// Valid in JSON, but some programs treat these as the end of a
			// line.
			b = append(append(b, s[start:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&15])
			start = i + size
		}
		i += size
	}
	w.b = append(append(b, s[start:]...), '"')
	if broken {
		w.replaced++
	}
}

// value appends a value whose Go type is not known in advance, such as one of a
// map[string]any.
func (w *rowWriter) value(t Type, v any) error {
	switch v := v.(type) {
	case nil:
		w.null()
		return nil
	case string:
		return w.text(t, v)
	case bool:
		return w.bool(t, v)
	case int:
		return w.int(t, int64(v))
	case int64:
		return w.int(t, v)
	case float64:
		return w.float(t, v, 64)
	case json.Number:
		return w.jsonNumber(t, v)
	case time.Time:
		return w.time(t, v)
	case []byte:
		if v == nil {
			w.null()
			return nil
		}
		return w.bytes(t, v)
	case map[string]any, []any:
		if t != TypeJSON && t != 0 {
			return misfit(fmt.Sprintf("%T", v))
		}
		return w.nested(v)
	case json.RawMessage:
		return w.raw(t, jsontext.Value(v))
	case jsontext.Value:
		return w.raw(t, v)
	}
	if t == TypeJSON {
		return w.nested(v)
	}
	rv := reflect.ValueOf(v)
	write, err := anyFunc(rv.Type(), t)
	if err != nil {
		return misfit(rv.Type().String())
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	return write(w, addressable)
}

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
		w.replaced++
	}
	return v
}

// maxDepth limits the depth of nested values. A value that contains itself
// reaches the limit instead of overflowing the stack.
const maxDepth = 1000

var errTooDeep = misfitBecause("nested value", fmt.Sprintf("it is more than %d levels deep or contains itself", maxDepth))

// nested appends a value of any Go type as nested JSON.
func (w *rowWriter) nested(v any) error {
	switch v := v.(type) {
	case nil:
		w.null()
		return nil
	case string:
		w.string(v)
		return nil
	case map[string]any:
		return w.nestedObject(v)
	case []any:
		return w.nestedArray(v)
	case bool, int, int64, float64, json.Number:
		return w.value(TypeJSON, v)
	}
	rv := reflect.ValueOf(v)
	write, err := nestedFunc(rv.Type())
	if err != nil {
		return misfitBecause(rv.Type().String(), err.Error())
	}
	addressable := reflect.New(rv.Type()).Elem()
	addressable.Set(rv)
	if w.depth++; w.depth > maxDepth {
		return errTooDeep
	}
	err = write(w, addressable)
	w.depth--
	return err
}

func (w *rowWriter) nestedObject(m map[string]any) error {
	if m == nil {
		w.null()
		return nil
	}
	if w.depth++; w.depth > maxDepth {
		return errTooDeep
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	w.b = append(w.b, '{')
	for i, name := range names {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.string(name)
		w.b = append(w.b, ':')
		if err := w.nested(m[name]); err != nil {
			return err
		}
	}
	w.b = append(w.b, '}')
	w.depth--
	return nil
}

func (w *rowWriter) nestedArray(list []any) error {
	if list == nil {
		w.null()
		return nil
	}
	if w.depth++; w.depth > maxDepth {
		return errTooDeep
	}
	w.b = append(w.b, '[')
	for i, v := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		if err := w.nested(v); err != nil {
			return err
		}
	}
	w.b = append(w.b, ']')
	w.depth--
	return nil
}

func (w *rowWriter) nestedTime(v reflect.Value) error {
	return w.time(TypeJSON, *v.Addr().Interface().(*time.Time))
}

// quotedName returns name as a JSON string, followed by a colon.
func quotedName(name string) string {
	var w rowWriter
	w.string(name)
	w.b = append(w.b, ':')
	return string(w.b)
}
