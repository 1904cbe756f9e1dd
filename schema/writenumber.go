package schema

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func (w *rowWriter) int(t Type, v int64) error {
	switch t {
	case TypeShort:
		if v < math.MinInt16 || v > math.MaxInt16 {
			return w.cannotHold("integer", "it needs more than 16 bits")
		}
	case TypeInt:
		if v < math.MinInt32 || v > math.MaxInt32 {
			return w.cannotHold("integer", "it needs more than 32 bits")
		}
	case TypeLong, TypeFloat, TypeDouble, TypeJSON, 0:
	case TypeDecimal:
		w.b = append(w.b, '"')
		w.b = appendInt(w.b, v)
		w.b = append(w.b, '"')
		return nil
	default:
		return misfit("integer")
	}
	w.b = appendInt(w.b, v)
	return nil
}

func (w *rowWriter) uint(t Type, v uint64) error {
	if v <= math.MaxInt64 {
		return w.int(t, int64(v))
	}
	switch t {
	case TypeShort, TypeInt, TypeLong:
		return w.cannotHold("uint64", "it needs more than 63 bits: declare the column DECIMAL")
	case TypeFloat, TypeDouble, TypeJSON, 0:
		w.b = appendUint(w.b, v)
	case TypeDecimal:
		w.b = append(w.b, '"')
		w.b = appendUint(w.b, v)
		w.b = append(w.b, '"')
	default:
		return misfit("integer")
	}
	return nil
}

// exactFloat64 and exactFloat32 are the magnitudes below which an integer in a
// float is exact. An integer of 2^53 in a float64 may have been 2^53+1 before it
// was converted.
const (
	exactFloat64 = 1 << 53
	exactFloat32 = 1 << 24
)

// isInexact reports whether v is an integer that may have lost digits when it
// was converted to a float of this size.
func isInexact(v float64, bits int) bool {
	v = math.Abs(v)
	return v >= exactFloat64 || bits == 32 && v >= exactFloat32 && v == math.Trunc(v)
}

// inexact returns the error for a float for which isInexact returns true.
func inexact(bits int) error {
	if bits == 32 {
		return misfitBecause("float32", "an integer of 2^24 or more may already have lost digits: decode it as int64 or json.Number")
	}
	return misfitBecause("float64", "an integer of 2^53 or more may already have lost digits: decode it as int64, json.Number (json.Decoder.UseNumber) or json.RawMessage")
}

func (w *rowWriter) float(t Type, v float64, bits int) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		if t != 0 && t != TypeJSON && !isNumeric(t) {
			return misfit(floatName(bits))
		}
		return w.cannotHold("NaN or an infinity", "JSON has no such number: emit a null instead")
	}
	switch t {
	case TypeFloat, TypeDouble:
		if t == TypeFloat && math.IsInf(float64(float32(v)), 0) {
			return w.cannotHold("float64", "it is out of the range of a 32-bit float")
		}
	case TypeJSON, 0:
		if isInexact(v, bits) {
			return inexact(bits)
		}
	case TypeShort, TypeInt, TypeLong:
		switch {
		case v != math.Trunc(v):
			return w.cannotHold(floatName(bits), "it has a fraction")
		case v < math.MinInt64 || v >= math.MaxInt64:
			return w.cannotHold(floatName(bits), "it needs more than 64 bits")
		case isInexact(v, bits) && (t == TypeLong || t == TypeInt && v >= math.MinInt32 && v <= math.MaxInt32):
			return inexact(bits) // if v is out of range, w.int says so
		}
		return w.int(t, int64(v))
	case TypeDecimal:
		return misfitBecause(floatName(bits), "it may already have lost digits: decode it as schema.Decimal or json.Number")
	default:
		return misfit(floatName(bits))
	}
	w.b = appendFloat(w.b, v, bits)
	return nil
}

func floatName(bits int) string { return "float" + strconv.Itoa(bits) }

// appendFloat appends the shortest digits that parse as v, in the notation of
// encoding/json and ECMAScript.
func appendFloat(b []byte, v float64, bits int) []byte {
	if bits == 64 {
		if short, ok := appendShortFloat(b, v); ok {
			return short
		}
	}
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
	case TypeFloat, TypeDouble:
		if !inFloatRange(t, digits) {
			return w.cannotHold("number", "it is out of the range of a "+floatBits(t)+"-bit float")
		}
		w.b = append(w.b, digits...)
		return nil
	case TypeJSON, 0:
		w.b = append(w.b, digits...)
		return nil
	case TypeDecimal:
		w.b = append(append(append(w.b, '"'), digits...), '"')
		return nil
	case TypeShort, TypeInt, TypeLong:
		v, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			var problem string
			if v, problem = integerOf(digits); problem != "" {
				return w.cannotHold("number", problem)
			}
		}
		return w.int(t, v)
	}
	return misfit("number")
}

// inFloatRange reports whether the number is in the range of the column type,
// which is FLOAT or DOUBLE. A number with more digits than the type can
// represent is. It is written unchanged.
func inFloatRange(t Type, digits string) bool {
	bits, short := 64, 300
	if t == TypeFloat {
		bits, short = 32, 38
	}
	if len(digits) <= short && !hasExponent(digits) {
		return true
	}
	_, err := strconv.ParseFloat(digits, bits)
	return err == nil
}

func hasExponent(digits string) bool {
	for i := range len(digits) {
		if digits[i]|0x20 == 'e' {
			return true
		}
	}
	return false
}

// floatBits returns the size in bits of a FLOAT or DOUBLE, for an error.
func floatBits(t Type) string {
	if t == TypeFloat {
		return "32"
	}
	return "64"
}

func (w *rowWriter) jsonNumber(t Type, n json.Number) error {
	switch {
	case n == "":
		w.null()
		return nil
	case t == TypeString:
		return w.text(t, string(n))
	case isNonFinite(string(n)) && (isNumeric(t) || t == TypeJSON || t == 0):
		return w.cannotHold("NaN or an infinity", "JSON has no such number: emit a null instead")
	case !isJSONNumber(string(n)):
		return misfitBecause("json.Number", "it is not a valid JSON number")
	}
	return w.number(t, string(n))
}

// decimal appends the text of a [Decimal], or null if it is empty.
func (w *rowWriter) decimal(t Type, text string) error {
	switch {
	case t == TypeString, t == TypeDecimal:
		return w.textOrNull(t, text)
	case t == TypeJSON, isNumeric(t) && !isDecimal(text):
		return w.textOrNull(TypeDecimal, text)
	case isNumeric(t):
		return w.number(t, string(jsonNumberOf(text)))
	}
	return misfit(decimalType.String())
}

func (w *rowWriter) bigInt(t Type, n *big.Int) error {
	switch t {
	case TypeShort, TypeInt, TypeLong:
		if !n.IsInt64() {
			return w.cannotHold("big.Int", tooLong)
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

// isNonFinite reports whether the text stands for NaN or an infinity, in the
// spelling of a common programming language or database.
func isNonFinite(s string) bool {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	switch len(s) {
	case len("nan"):
		return strings.EqualFold(s, "nan") || strings.EqualFold(s, "inf")
	case len("infinity"):
		return strings.EqualFold(s, "infinity")
	}
	return false
}
