package schema

import "time"

// AppendDecoded is like Append for a row that is raw JSON, but it decodes the row
// even if the row has an index.
func (e *Encoder) AppendDecoded(row []byte, form Form) ([]byte, error) {
	var w rowWriter
	w.reset(nil, e.table.Unfit)
	err := newRawReader(e).decode(&w, row, form)
	return w.b, err
}

// ParsedUTC returns the canonical form of a time in the format of RFC 3339. It
// parses the text even if it has that form already.
func ParsedUTC(s string) (string, bool) {
	at, zone, ok := parseUTC(s)
	if at = at.UTC(); !ok || !hasYear(at) {
		return "", false
	}
	return at.Format(naiveDatetime) + s[len(naiveDatetime):zone] + "Z", true
}

// ParsedNaive reports whether the text is a date and time without a zone, which it
// parses.
func ParsedNaive(s string) bool {
	_, ok := parseNaive(s)
	return ok
}

// ParsedDate reports whether the text is a date, which it parses.
func ParsedDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
