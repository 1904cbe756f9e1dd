package jsonvalue

import (
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/internal/floatdigits"
)

func (r *directReader) literal(word string) bool {
	end := literalEnd(r.text, r.pos, word)
	if end < 0 {
		return false
	}
	r.pos = end
	return true
}

// span returns the text of the value at pos, which is valid.
func (r *directReader) span() ([]byte, bool) {
	start := r.pos
	end := plainValueEnd(r.text, start, maxPlainDepth)
	if end < 0 {
		if start == len(r.text) {
			return nil, false
		}
		end = valueEnd(r.text, start)
		if end < 0 || end-start > maxDelegated && r.text[start] != '"' || !jsontext.Value(r.text[start:end]).IsValid(jsontext.AllowDuplicateNames(true)) {
			return nil, false
		}
	}
	r.pos = end
	return r.text[start:end:end], true
}

// str returns the characters of the string at pos. They are valid until the next call.
func (r *directReader) str() ([]byte, bool) {
	start := r.pos
	if r.text[start] != '"' {
		return nil, false
	}
	if end, ascii := plainStringEnd(r.text, start); end >= 0 {
		r.pos = end
		text := r.text[start+1 : end-1]
		return text, ascii || utf8.Valid(text)
	}
	end := stringEnd(r.text, start)
	if end < 0 {
		return nil, false
	}
	r.pos = end
	var err error
	r.buf, err = jsontext.AppendUnquote(r.buf[:0], r.text[start:end])
	return r.buf, err == nil
}

func (r *directReader) integer(t *target, v unsafe.Pointer) bool {
	negative := r.text[r.pos] == '-'
	if negative {
		r.pos++
	}
	n, ok := r.digits()
	if !ok || n > 1<<63-1 || negative && n == 0 {
		return false
	}
	i := int64(n)
	if negative {
		i = -i
	}
	switch t.typ.Kind() {
	case reflect.Int:
		*(*int)(v) = int(i)
		return int64(int(i)) == i
	case reflect.Int64:
		*(*int64)(v) = i
	case reflect.Int32:
		*(*int32)(v) = int32(i)
		return int64(int32(i)) == i
	default:
		to := reflect.NewAt(t.typ, v).Elem()
		if to.OverflowInt(i) {
			return false
		}
		to.SetInt(i)
	}
	return true
}

func (r *directReader) unsigned(t *target, v unsafe.Pointer) bool {
	n, ok := r.digits()
	to := reflect.NewAt(t.typ, v).Elem()
	if !ok || to.OverflowUint(n) {
		return false
	}
	to.SetUint(n)
	return true
}

// digits reads a number that consists of digits.
func (r *directReader) digits() (n uint64, ok bool) {
	const most = 19 // digits that certainly fit
	start := r.pos
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
		r.pos++
	}
	length := r.pos - start
	if length == 0 || length > most || r.pos == len(r.text) || length > 1 && r.text[start] == '0' {
		return 0, false
	}
	c := r.text[r.pos]
	return n, c != '.' && c|0x20 != 'e'
}

func (r *directReader) float(t *target, v unsafe.Pointer) bool {
	if c := r.text[r.pos]; c != '-' && (c < '0' || c > '9') {
		return false
	}
	raw, ok := r.span()
	if !ok {
		return false
	}
	bits := t.typ.Bits()
	f, err := strconv.ParseFloat(string(raw), bits)
	if err != nil {
		return false
	}
	r.lossy = r.lossy || !floatdigits.Survive(raw, f, bits)
	reflect.NewAt(t.typ, v).Elem().SetFloat(f)
	return true
}

// time reads a time in the format of RFC 3339, which the package time checks less strictly
// than the decoder.
func (r *directReader) time(v *time.Time) bool {
	text, ok := r.str()
	return ok && isRFC3339(text) && v.UnmarshalText(text) == nil
}

// isRFC3339 reports whether a text has the form of a time, such as 2006-01-02T15:04:05.5Z. It
// does not check the ranges of its numbers, except those of the time zone.
func isRFC3339(b []byte) bool {
	const form = "0000-00-00T00:00:00"
	if len(b) <= len(form) {
		return false
	}
	for i := range len(form) {
		if c := form[i]; c == '0' && (b[i] < '0' || b[i] > '9') || c != '0' && b[i] != c {
			return false
		}
	}
	i := len(form)
	if b[i] == '.' {
		start := i + 1
		if i = digitsEnd(b, start); i == start {
			return false
		}
	}
	switch zone := b[i:]; {
	case len(zone) == 1:
		return zone[0] == 'Z'
	case len(zone) == len("+00:00"):
		hour, minute := zone[1:3], zone[4:]
		return (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' &&
			digitsEnd(hour, 0) == 2 && string(hour) < "24" && digitsEnd(minute, 0) == 2 && string(minute) < "60"
	}
	return false
}
