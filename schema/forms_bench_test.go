package schema_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// A formsRow is the row that BenchmarkForms encodes in each form.
type formsRow struct {
	ID          int64          `json:"id" schema:"primary_key"`
	CustomerID  int64          `json:"customer_id"`
	Quantity    int32          `json:"quantity"`
	Status      string         `json:"status"`
	Total       schema.Decimal `json:"total"`
	Score       float64        `json:"score"`
	Paid        bool           `json:"paid"`
	CreatedAt   time.Time      `json:"created_at"`
	CancelledAt *time.Time     `json:"cancelled_at"`
	Note        string         `json:"note"`
	Tags        []string       `json:"tags"`
	Shipping    address        `json:"shipping"`
}

func newFormsRow() *formsRow {
	r := newBenchRow()
	return &formsRow{
		ID: r.ID, CustomerID: r.CustomerID, Quantity: r.Quantity, Status: r.Status, Total: r.Total, Score: r.Score, Paid: r.Paid,
		CreatedAt: r.CreatedAt, Note: r.Note, Tags: r.Tags, Shipping: r.Shipping,
	}
}

// appendTo appends the canonical form of the row, as a program would that knows
// the columns when it is compiled.
func (r *formsRow) appendTo(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), r.ID, 10)
	b = strconv.AppendInt(append(b, `,"customer_id":`...), r.CustomerID, 10)
	b = strconv.AppendInt(append(b, `,"quantity":`...), int64(r.Quantity), 10)
	b = appendQuoted(append(b, `,"status":`...), r.Status)
	b = appendQuoted(append(b, `,"total":`...), string(r.Total))
	b = strconv.AppendFloat(append(b, `,"score":`...), r.Score, 'f', -1, 64)
	b = strconv.AppendBool(append(b, `,"paid":`...), r.Paid)
	b = r.CreatedAt.UTC().AppendFormat(append(b, `,"created_at":"`...), time.RFC3339Nano)
	b = append(b, `","cancelled_at":`...)
	if r.CancelledAt == nil {
		b = append(b, "null"...)
	} else {
		b = append(r.CancelledAt.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	b = appendQuoted(append(b, `,"note":`...), r.Note)
	b = append(b, `,"tags":[`...)
	for i, tag := range r.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, tag)
	}
	b = appendQuoted(append(b, `],"shipping":{"city":`...), r.Shipping.City)
	b = appendQuoted(append(b, `,"country":`...), r.Shipping.Country)
	b = appendQuoted(append(b, `,"zip":`...), r.Shipping.Zip)
	return append(b, "}}"...)
}

// appendQuoted appends a JSON string. Like the encoder, it looks at each byte: it
// escapes, and it replaces bytes that are not UTF-8.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError && r != '\u2028' && r != '\u2029' {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		r, size := utf8.DecodeRuneInString(s[i:])
		b, _ = jsontext.AppendQuote(b, string(r))
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// BenchmarkForms encodes one row in each form, and by hand. Compare the forms with
// the encoders that are written by hand: the times depend on the machine, and the
// ratios do not.
//
// There are two of them, because raw rows replace more than an encoder. Compare raw
// with by-hand to see what a raw row costs next to a struct that a program has anyway.
// Compare it with decoded-by-hand to see what it saves: a program without the package
// must decode the JSON to know that it is valid and fits the columns.
func BenchmarkForms(b *testing.B) {
	table := schema.TableOf[formsRow]("orders")
	row := newFormsRow()
	raw := rawRow(b, row)
	cells := newRow(b, &table)
	tags, shipping := []byte(`["gift","express","größe"]`), []byte(`{"city":"Zürich","country":"CH","zip":"8001"}`)
	fill := func() {
		cells.Reset()
		cells.Int(row.ID)
		cells.Int(row.CustomerID)
		cells.Int(int64(row.Quantity))
		cells.Text(row.Status)
		cells.Decimal(row.Total)
		cells.Float(row.Score)
		cells.Bool(row.Paid)
		cells.Time(row.CreatedAt)
		cells.Null()
		cells.Text(row.Note)
		cells.JSON(tags)
		cells.JSON(shipping)
	}
	want := string(row.appendTo(nil))
	for _, form := range []struct {
		name   string
		encode func(e *schema.Encoder, b []byte) ([]byte, error)
	}{
		{"by-hand", func(_ *schema.Encoder, b []byte) ([]byte, error) { return row.appendTo(b), nil }},
		{"decoded-by-hand", func(_ *schema.Encoder, b []byte) ([]byte, error) {
			var decoded formsRow
			err := jsonv2.Unmarshal(raw.([]byte), &decoded)
			return decoded.appendTo(b), err
		}},
		{"struct", func(e *schema.Encoder, b []byte) ([]byte, error) { return e.Append(b, row, schema.Full) }},
		{"raw", func(e *schema.Encoder, b []byte) ([]byte, error) { return e.Append(b, raw, schema.Full) }},
		{"cells", func(e *schema.Encoder, b []byte) ([]byte, error) {
			fill()
			return e.Append(b, cells, schema.Full)
		}},
	} {
		b.Run(form.name, func(b *testing.B) {
			e := schema.NewEncoder(&table, nil)
			buf, err := form.encode(e, nil)
			require.NoError(b, err)
			require.Equal(b, want, string(buf))
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				if buf, err = form.encode(e, buf[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkText encodes rows that consist mainly of text or of one kind of value
// whose cost depends on its spelling.
func BenchmarkText(b *testing.B) {
	table := schema.Table{Name: "t", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "at", Type: schema.TypeUTCDatetime},
		{Name: "day", Type: schema.TypeNaiveDate}, {Name: "text", Type: schema.TypeString},
	}}
	repeat := func(s string, n int) []byte { return bytes.Repeat([]byte(s), n/len(s)) }
	for _, bench := range []struct {
		name, column string
		text         []byte
	}{
		{"ascii", "text", repeat("The quick brown fox jumps over the lazy dog. ", 4096)},
		{"german", "text", repeat("Größe «XL», zweite Lieferung an die Nachbarin. ", 4096)},
		{"cyrillic", "text", repeat("Съешь же ещё этих мягких французских булок. ", 4096)},
		{"japanese", "text", repeat("いろはにほへと ちりぬるを", 4096)},
		{"escapes", "text", repeat("\"\\\"\n\t\"a\"\\", 4096)},
		{"lines", "text", repeat("<p class=\"x\">\n\t<b>y</b>\r\n", 4096)},
		{"huge", "text", repeat("Größe «XL»,\nzweite Lieferung an die Nachbarin. ", 3<<20)},
		{"time-z", "at", []byte("2026-01-02T03:04:05.123456Z")},
		{"time-utc-offset", "at", []byte("2026-01-02T03:04:05.123456+00:00")},
		{"time-offset", "at", []byte("2026-01-02T03:04:05.123456+02:00")},
		{"date", "day", []byte("2026-01-02")},
	} {
		raw := rawRow(b, map[string]any{"id": 1, bench.column: string(bench.text)})
		cells := newRow(b, &table, "id", bench.column)
		for _, form := range []string{"raw", "cells"} {
			fill := func() any { return raw }
			if form == "cells" {
				fill = func() any {
					cells.Reset()
					cells.Int(1)
					if bench.column == "text" {
						cells.Bytes(bench.text)
					} else {
						cells.Text(string(bench.text))
					}
					return cells
				}
			}
			b.Run(bench.name+"/"+form, func(b *testing.B) {
				e := schema.NewEncoder(&table, nil)
				var buf []byte
				var err error
				b.SetBytes(int64(len(bench.text)))
				b.ReportAllocs()
				for b.Loop() {
					if buf, err = e.Append(buf[:0], fill(), schema.Full); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// rawRow returns a row as raw JSON. It does not escape HTML, as most sources do not.
func rawRow(b *testing.B, row any) any {
	b.Helper()
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	require.NoError(b, encoder.Encode(row))
	return bytes.TrimSpace(raw.Bytes())
}
