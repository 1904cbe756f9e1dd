package format_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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

// FuzzXML compares the records of an XML document with those that encoding/xml decodes.
func FuzzXML(f *testing.F) {
	for _, s := range []string{
		`<a><b x="1"><c>2</c>t<d><e>1</e></d><d/></b><b/></a>`, `<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b><c>1</c><d/>t</b></a>`, `<a xmlns="u" xmlns:p="v"><p:b><p:c>1</p:c></p:b></a>`, `<a><b><c>x</c></b>`, `<a><b><![CDATA[x]]><!-- c --></b></a>`, `<a><b><c>&x;</c></b></a>`,
	} {
		f.Add(s)
	}
	type record struct {
		X    string   `xml:"x,attr"`
		Text string   `xml:",chardata"`
		C    *int     `xml:"c"`
		D    []string `xml:"d>e"`
		Any  []struct {
			XMLName xml.Name
			Text    string `xml:",cdata"`
		} `xml:",any"`
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "nil") || strings.Contains(text, "encoding") {
			return
		}
		var want struct {
			XMLName xml.Name
			B       []record `xml:"b"`
		}
		wantErr := xml.Unmarshal([]byte(text), &want)
		var got []record
		for v, err := range format.Decode[record](strings.NewReader(text), format.XML{At: "a.b", Lists: []string{"c"}}) {
			if err != nil {
				return
			}
			got = append(got, v)
		}
		if wantErr == nil && want.XMLName.Local == "a" {
			assert.Equal(t, want.B, got)
		}
		for range format.Decode[any](strings.NewReader(text), format.XML{At: "a.b", Lists: []string{"c"}, Prefixes: map[string]string{"u": "u"}}) {
			continue
		}
	})
}
