package format_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/penstock-sdk/penstock/transport/format"
)

// FuzzFormats reads any text in every format but JSON. Reading never panics, the records
// are valid JSON, and CSV has as many for every type.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\n\"1\n\";2", "{\"a\":1}\n{\"b\":2}\n", "<a><b x=\"1\">t</b><b/></a>", "<a>", "\xff\xfea\x00", "\"", "a\n\x00\n", "<a><b>&lt;</b></a>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, f := range []format.Format{format.NDJSON{}, format.CSV{}, format.CSV{EmptyText: true, LazyQuotes: true, Comma: ';', Charset: "windows-1252"}, format.CSV{Ragged: format.RaggedPad, SkipFooter: 1, Escape: '\\', Null: []string{"NA"}}, format.CSV{Ragged: format.RaggedSkip, Quote: format.NoQuote, SkipLines: 1}, format.XML{At: "a.b"}, format.Gzip(format.NDJSON{}), format.Zip{Format: format.CSV{}}} {
			n := 0
			for v, err := range format.Decode[json.RawMessage](bytes.NewReader(text), f) {
				if err == nil && !json.Valid(v) {
					t.Fatalf("%T: not JSON: %q", f, v)
				}
				n++
			}
			for range format.Decode[map[string]any](bytes.NewReader(text), f) {
				n--
			}
			if _, isCSV := f.(format.CSV); isCSV && n != 0 {
				t.Fatalf("%T: the records of maps are %d more or fewer", f, n)
			}
			for range format.Decode[struct {
				A int64
				B *float64
				C bool
			}](bytes.NewReader(text), f) {
				continue
			}
		}
	})
}
