package fakeapi

import (
	"bytes"
	"encoding/json"
)

// gzipType is the media type of gzip files (RFC 6713).
const gzipType = "application/gzip"

// AsCSV serves the rows as CSV (RFC 4180) instead of JSON, with a header and CRLF
// after each line. The columns are fields of the rows; "customer.name" is a field of an
// object. By default, they are all fields, in the order of their first appearance, and
// rows must be objects. If there are no rows and no columns, the response is empty.
//
// A string is its text, and any other value its JSON. A cell of a null or missing
// field is empty. An empty string is "" in quotes, as is the cell of a row that
// consists of a single empty cell.
//
// A CSV response has no fields besides the rows. Therefore AsCSV cannot be combined
// with [ByToken], [ByNextURL], [Under], [Total] and [HasMore].
func AsCSV(columns ...string) CollectionOption {
	return func(c *collection) {
		c.setFormat("AsCSV", asCSV)
		seen := map[string]bool{}
		for _, column := range columns {
			if seen[column] {
				c.wrong("option AsCSV names the column %q twice", column)
			}
			seen[column] = true
		}
		c.format.columns = columns
	}
}

// AsNDJSON serves the rows as JSON lines (application/x-ndjson): one row on each line.
// White space between the tokens of a row is removed. AsNDJSON cannot be combined with
// the options that [AsCSV] excludes.
func AsNDJSON() CollectionOption {
	return func(c *collection) { c.setFormat("AsNDJSON", asNDJSON) }
}

// GzipFile serves the response as a gzip file (application/gzip), regardless of the
// Accept-Encoding header. HTTP clients do not decompress it. For the content coding
// gzip, use [Compress].
func GzipFile() CollectionOption { return func(c *collection) { c.format.gzip = true } }

type formatKind int

const (
	asJSON formatKind = iota
	asCSV
	asNDJSON
)

// A format is the format of a response with rows.
type format struct {
	kind    formatKind
	option  string   // the option that chose it
	columns []string // of CSV; nil means all
	gzip    bool
}

func (c *collection) setFormat(option string, kind formatKind) {
	if c.format.kind != asJSON {
		c.wrong("there are two options for the format")
	}
	c.format.kind, c.format.option = kind, option
}

// apply sets the content type of a response and packs its body.
func (f format) apply(r *response) {
	switch f.kind {
	case asCSV:
		r.contentType = "text/csv; charset=utf-8; header=present"
	case asNDJSON:
		r.contentType = "application/x-ndjson"
	}
	if f.gzip {
		r.contentType, r.body = gzipType, gzipped(r.body)
	}
}

// encode returns some rows of a table as a list in the format.
func (f format) encode(t *table, rows []int) []byte {
	switch f.kind {
	case asCSV:
		return csvOf(t, rows)
	case asNDJSON:
		var b bytes.Buffer
		for _, row := range rows {
			_ = json.Compact(&b, t.rows[row]) // rows are valid JSON
			b.WriteByte('\n')
		}
		return b.Bytes()
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(t.rows[row])
	}
	b.WriteByte(']')
	return b.Bytes()
}
