package schema

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// raw appends JSON that comes from outside: it is checked first.
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

// hasFlaws reports whether JSON has to be mended somewhere, or may have to be.
func hasFlaws(v []byte) bool {
	return !utf8.Valid(v) || bytes.Contains(v, surrogateLower) || bytes.Contains(v, surrogateUpper) || hasSeparator(v)
}

// hasSeparator reports whether there is a line or paragraph separator, which
// some readers of lines take for a line's end.
func hasSeparator(v []byte) bool {
	return bytes.Contains(v, lineSeparator) || bytes.Contains(v, paragraphSeparator)
}

var (
	surrogateLower, surrogateUpper    = []byte(`\ud`), []byte(`\uD`)
	lineSeparator, paragraphSeparator = []byte("\u2028"), []byte("\u2029")
)

// mend makes of valid JSON what any reader takes: bytes that are not UTF-8 and
// halves of surrogate pairs become U+FFFD, separators of lines are escaped.
func (w *rowWriter) mend(v []byte) []byte {
	replaced := false
	if !utf8.Valid(v) {
		v, replaced = []byte(string([]rune(string(v)))), true // each byte becomes one
	}
	if mended, ok := mendSurrogates(v); ok {
		v, replaced = mended, true
	}
	if hasSeparator(v) {
		v = bytes.ReplaceAll(v, lineSeparator, []byte(`\u2028`))
		v = bytes.ReplaceAll(v, paragraphSeparator, []byte(`\u2029`))
	}
	if replaced {
		w.replaced++
	}
	return v
}

// mendSurrogates returns a copy of valid JSON with the escaped halves of
// surrogate pairs replaced, and whether there were any.
func mendSurrogates(v []byte) (mended []byte, ok bool) {
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			continue
		}
		r, is := escapedUnit(v[i:])
		switch {
		case !is:
			i++ // whatever is escaped
			continue
		case utf16.IsSurrogate(r):
			if low, is := escapedUnit(v[i+6:]); is && utf16.DecodeRune(r, low) != utf8.RuneError {
				i += 11
				continue
			}
			if !ok {
				v, ok = bytes.Clone(v), true
			}
			copy(v[i:], `\ufffd`)
		}
		i += 5
	}
	return v, ok
}

// escapedUnit reads an escape such as \u20ac.
func escapedUnit(v []byte) (r rune, ok bool) {
	if len(v) < 6 || v[0] != '\\' || v[1] != 'u' {
		return 0, false
	}
	for _, c := range v[2:6] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		default:
			r = r<<4 | rune(c|0x20-'a'+10)
		}
	}
	return r, true
}

// rawOptions let pass what a source may send and a destination can take:
// broken UTF-8 is mended on the way, and repeated names inside a nested value
// are the source's own business.
var rawOptions = []jsontext.Options{
	jsontext.AllowInvalidUTF8(true),
	jsontext.AllowDuplicateNames(true),
}

// validRaw appends one JSON value that is known to be valid; broken says that
// it may have flaws.
func (w *rowWriter) validRaw(t Type, v jsontext.Value, broken bool) error {
	if broken {
		v = w.mend(v)
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
}

// isShortInteger reports whether the digits are those of an integer that is in
// the range of an int64 at first sight.
func isShortInteger(digits []byte) bool {
	for i, c := range digits {
		if !isDigit(c) && (i > 0 || c != '-' || digits[1] == '0') {
			return false
		}
	}
	return len(digits) <= 18
}

// fitsAsIs reports, for the types whose strings are many, that a column of
// type t takes the text unchanged. False says only that it wants a closer look.
func fitsAsIs(t Type, text []byte) bool {
	switch t {
	case TypeDecimal:
		return isDecimal(text)
	case TypeUTCDatetime:
		return isUTC(text)
	}
	return false
}

// isUTC reports whether text is a time such as "2006-01-02T15:04:05.999Z".
// It misses February 29, which is left to the closer look.
func isUTC(text []byte) bool {
	n := len(text)
	return n > 0 && text[n-1] == 'Z' && isDateTime(text[:n-1]) && isCommonDay(text) && isTimeOfDay(text)
}

// isCommonDay reports whether a text begins with a day such as "2006-01-02". It
// misses February 29, for which the year counts.
func isCommonDay(text []byte) bool {
	const layout = "dddd-dd-dd"
	if len(text) < len(layout) {
		return false
	}
	for i := range len(layout) {
		if layout[i] == 'd' && !isDigit(text[i]) || layout[i] != 'd' && text[i] != layout[i] {
			return false
		}
	}
	month, day := twoDigits(text, 5), twoDigits(text, 8)
	switch {
	case day == 0 || month == 0 || month > 12:
		return false
	case month == 2:
		return day <= 28
	case month == 4, month == 6, month == 9, month == 11:
		return day <= 30
	}
	return day <= 31
}

// isTimeOfDay reports whether the digits of a text in the form of isDateTime are
// a time of day.
func isTimeOfDay(text []byte) bool {
	return twoDigits(text, 11) < 24 && twoDigits(text, 14) < 60 && twoDigits(text, 17) < 60
}

func twoDigits(text []byte, i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }

// isDateTime reports whether text has the form of "2006-01-02T15:04:05.999".
func isDateTime[T string | []byte](text T) bool {
	const layout = "dddd-dd-ddTdd:dd:dd"
	if len(text) < len(layout) {
		return false
	}
	for i := range len(layout) {
		if layout[i] == 'd' && !isDigit(text[i]) || layout[i] != 'd' && text[i] != layout[i] {
			return false
		}
	}
	if len(text) == len(layout) {
		return true
	}
	if text[len(layout)] != '.' || len(text) == len(layout)+1 {
		return false
	}
	for i := len(layout) + 1; i < len(text); i++ {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// kindOfJSON names the kind of a JSON value for an error.
func kindOfJSON(v jsontext.Value) string {
	switch v.Kind() {
	case 'n':
		return "null"
	case 't', 'f':
		return "bool"
	case '0':
		return "number"
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "invalid JSON"
}

// A rawReader reads raw rows, one at a time. It is reused.
type rawReader struct {
	src bytes.Buffer
	dec *jsontext.Decoder
	// seen tells which declared columns the row at hand has had, other which
	// undeclared ones.
	seen  []bool
	other [][]byte
	name  []byte
}

// rawRow appends the canonical form of a row that is raw JSON.
func (e *Encoder) rawRow(w *rowWriter, row []byte, form Form) error {
	r, _ := e.rawReaders.Get().(*rawReader)
	if r == nil {
		r = &rawReader{seen: make([]bool, len(e.columns))}
		r.dec = jsontext.NewDecoder(&r.src)
	}
	defer e.rawReaders.Put(r)
	r.src = *bytes.NewBuffer(row)
	r.dec.Reset(&r.src, rawOptions...)
	clear(r.seen)
	r.other = r.other[:0]

	if r.dec.PeekKind() != '{' {
		if !jsontext.Value(row).IsValid(rawOptions...) {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		return e.rowError(kindOfJSON(row), "a row of raw JSON is an object")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return e.rowError("raw JSON", "the row is not valid JSON")
	}
	broken := hasFlaws(row)
	w.b = append(w.b, '{')
	for first := true; r.dec.PeekKind() != '}'; {
		quoted, err := r.dec.ReadValue()
		if err != nil {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		r.name, err = jsontext.AppendUnquote(r.name[:0], quoted)
		if err != nil && !broken {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		if err != nil {
			w.replaced++ // in the name
		}
		c := e.lookup(r.name)
		if twice := r.mark(c); twice {
			return e.columnError(c.name(r.name), "raw JSON", "the row has the column twice")
		}
		if c.dropped(e, r.name) || form == Keys && !c.isKey() {
			if err := r.dec.SkipValue(); err != nil {
				return e.rowError("raw JSON", "the row is not valid JSON")
			}
			w.replaced = 0
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		if c != nil {
			w.b = append(w.b, c.quoted...)
		} else {
			w.string(string(r.name))
			w.b = append(w.b, ':')
		}
		v, err := r.dec.ReadValue()
		if err != nil {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		if err := w.validRaw(c.typ(), v, broken); err != nil {
			return e.valueError(c.name(r.name), c.typ(), err)
		}
		if c.isKey() && v.Kind() == 'n' {
			return e.nullKey(c.Name)
		}
		e.noteReplaced(w, c.name(r.name))
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return e.rowError("raw JSON", "the row is not valid JSON")
	}
	w.b = append(w.b, '}')
	for i, c := range e.columns {
		if c.PrimaryKey && !r.seen[i] {
			return e.missingKey(c.Name)
		}
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return e.rowError("raw JSON", "something follows the row's object")
	}
	return nil
}

// mark notes that the row has the column, and reports whether it had it before.
func (r *rawReader) mark(c *encoderColumn) (twice bool) {
	if c != nil {
		twice, r.seen[c.position] = r.seen[c.position], true
		return twice
	}
	for _, name := range r.other {
		if bytes.Equal(name, r.name) {
			return true
		}
	}
	r.other = append(r.other, bytes.Clone(r.name))
	return false
}
