package format_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func decodeString[T any](text string, f format.Format) ([]T, error) {
	return transporttest.Collect(format.Decode[T](strings.NewReader(text), f))
}

func TestDecodeJSON(t *testing.T) {
	for text, at := range map[string]string{
		`[{"id":1},{"id":2}]`: "", "\xef\xbb\xbf [ {\"id\":1} , {\"id\":2} ] \n": "",
		`{"meta":{"a":[1,{"data":[]}]},"data":[{"id":1},{"id":2}],"next":null}`: "data",
		`{"x":[0,{"y":{"z":[{"id":1},{"id":2}]}},5]}`:                           "x.1.y.z",
		`{"a.b":[{"id":1},{"id":2}]}`:                                           "/a.b",
	} {
		got, err := decodeString[transporttest.Item](text, format.JSON{At: at})
		assert.NoError(t, err, text)
		assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got), text)
	}
	for _, text := range []string{`{"data":[]}`, `{"data":null}`} {
		got, err := decodeString[transporttest.Item](text, format.JSON{At: "data"})
		assert.NoError(t, err)
		assert.Empty(t, got)
	}
	for text, want := range map[string]error{
		`{"data":[{"id":1}`: transport.ErrCut, `{"data":[{"id":1}]`: transport.ErrCut, `{"data":[{"id":1},`: transport.ErrCut, `{"da`: transport.ErrCut, ``: transport.ErrCut,
		`{"data":[{"id":1}]} x`: transport.ErrNotJSON, `{"data":[{"id":1} {}]}`: transport.ErrNotJSON, `<html>`: transport.ErrNotJSON,
		`{"items":[]}`: transport.ErrNoRecords, `{"data":{}}`: transport.ErrNoRecords, `5`: transport.ErrNoRecords, `{}`: transport.ErrNoRecords,
	} {
		_, err := decodeString[transporttest.Item](text, format.JSON{At: "data"})
		assert.ErrorIs(t, err, want, text)
	}
	_, err := decodeString[transporttest.Item](`[{"id":1},null]`, format.JSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[transporttest.Item](`[{"id":1},{"id":"x"}]`, format.JSON{})
	assert.ErrorContains(t, err, "decode record 2 as transporttest.Item")
	_, err = decodeString[transporttest.Item](`[]`, format.JSON{At: "a.*"})
	assert.ErrorContains(t, err, "does not support wildcards")
	_, err = decodeString[transporttest.Item](`[]`, nil)
	assert.ErrorContains(t, err, "no format")

	maps, err := decodeString[map[string]any]("[{\"id\":9007199254740993,\"s\":\"a\xffb\"}]", format.JSON{})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number("9007199254740993"), "s": "a\uFFFDb"}, maps[0])
	raws, err := decodeString[json.RawMessage]("[{\"s\":\"a\xffb\"},2]", format.JSON{})
	require.NoError(t, err)
	assert.Equal(t, "{\"s\":\"a\uFFFDb\"}", string(raws[0]))
	assert.Equal(t, "2", string(raws[1]))
}

func TestDecodeNDJSON(t *testing.T) {
	got, err := decodeString[transporttest.Item]("{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}", format.NDJSON{})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	got, err = decodeString[transporttest.Item]("", format.NDJSON{})
	assert.NoError(t, err)
	assert.Empty(t, got)
	got, err = decodeString[transporttest.Item]("{\"id\":1}\n{\"id\":", format.NDJSON{})
	assert.ErrorIs(t, err, transport.ErrCut)
	assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
	_, err = decodeString[transporttest.Item]("{\"id\":1}\nnull\n", format.NDJSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[transporttest.Item]("{\"id\":1}\n<oops>\n", format.NDJSON{})
	assert.ErrorIs(t, err, transport.ErrNotJSON)
	assert.ErrorContains(t, err, "after record 1")
}

func TestDecodeCSV(t *testing.T) {
	type row struct {
		ID     int64       `json:"id"`
		Name   string      `json:"name"`
		Amount json.Number `json:"amount"`
		Ratio  float64     `json:"ratio"`
		Paid   bool        `json:"paid"`
		At     *time.Time  `json:"at"`
	}
	at := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	want := []row{{9007199254740993, "a,\n\"b\"", "1.10", 0.5, true, &at}, {ID: 2, Name: "é"}}
	const text = "id,name,amount,ratio,paid,at\n9007199254740993,\"a,\n\"\"b\"\"\",1.10,0.5,TRUE,2024-05-01T12:00:00Z\n2,é,,,no,\n"
	got, err := decodeString[row](text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = decodeString[row]("\xef\xbb\xbf"+text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	u := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		u = append(u, byte(c), byte(c>>8))
	}
	got, err = decodeString[row](string(u), format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	names, err := decodeString[map[string]any]("report of May\n\n#x\n1;\xe9;\n", format.CSV{Comma: ';', Charset: "iso-8859-1", Header: []string{"a", "b", "c"}, SkipLines: 2, Comment: '#'})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"a": "1", "b": "é", "c": nil}}, names)
	texts, err := decodeString[map[string]string]("a,b\n1,\n", format.CSV{EmptyText: true})
	require.NoError(t, err)
	assert.Equal(t, []map[string]string{{"a": "1", "b": ""}}, texts)

	for text, says := range map[string]string{
		"a,b\n1,2\n3\n": "line 3", "a,b\n1,2,3\n": "line 2", "a,a\n": "two columns", "id\nx\n": "line 2", "a\n\"x": "line 2", "": "empty",
	} {
		_, err := decodeString[row](text, format.CSV{})
		assert.ErrorContains(t, err, says, "%q", text)
	}
	_, err = decodeString[row]("skipped\na,b\n1\n", format.CSV{SkipLines: 1})
	assert.ErrorContains(t, err, "line 3")
	_, err = decodeString[struct{ Paid bool }]("paid\nmaybe\n", format.CSV{})
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = decodeString[row]("a", format.CSV{Charset: "klingon"})
	assert.ErrorContains(t, err, `unknown charset "klingon"`)
	got, err = decodeString[row]("id,name\n", format.CSV{})
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestDecodeXML(t *testing.T) {
	const text = `<?xml version="1.0" encoding="iso-8859-1"?><feed xmlns="x"><title>t</title><entries count="2">
		<entry id="1"><name>a` + "\xe9" + `</name><tag>x</tag><tag/><tag>y</tag></entry><other><entry id="9"/></other><entry id="2">text</entry></entries></feed>`
	type entry struct {
		ID   int64    `xml:"id,attr"`
		Name string   `xml:"name"`
		Tags []string `xml:"tag"`
	}
	got, err := decodeString[entry](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []entry{{1, "aé", []string{"x", "", "y"}}, {ID: 2}}, got)
	maps, err := decodeString[map[string]any](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"@id": "1", "name": "aé", "tag": []any{"x", nil, "y"}}, {"@id": "2", "#text": "text"}}, maps)
	raws, err := decodeString[json.RawMessage](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, `{"#text":"text","@id":"2"}`, string(raws[1]))
	anys, err := decodeString[any](`<a><b>x</b><b/></a>`, format.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []any{"x", nil}, anys)

	got, err = decodeString[entry](`<feed><entries/></feed>`, format.XML{At: "feed.entries.entry"})
	assert.NoError(t, err)
	assert.Empty(t, got)
	for text, want := range map[string]error{
		`<feed/>`: transport.ErrNoRecords, `<html/>`: transport.ErrNoRecords, ``: transport.ErrCut, `<feed><entries><entry id="1">`: transport.ErrCut, `<feed><entries>`: transport.ErrCut,
	} {
		_, err := decodeString[entry](text, format.XML{At: "feed.entries.entry"})
		assert.ErrorIs(t, err, want, text)
	}
	_, err = decodeString[any]("<a>"+strings.Repeat("<b>", 5000)+strings.Repeat("</b>", 5000)+"</a>", format.XML{At: "a.b"})
	assert.ErrorContains(t, err, "nested elements")
	_, err = decodeString[any]("<a/>", format.XML{At: "a"})
	assert.ErrorContains(t, err, "must name")
}

func zipped(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.Create(files[i])
		_, _ = io.WriteString(f, files[i+1])
	}
	_ = w.Close()
	return b.Bytes()
}

func TestDecodeArchives(t *testing.T) {
	gz := transporttest.Gzipped("id,name\n1,a\n2,b\n")
	got, err := transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(gz), format.Gzip(format.CSV{})))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
	_, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(gz[:len(gz)-9]), format.Gzip(format.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(nil), format.Gzip(format.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = decodeString[transporttest.Item]("not gzip at all", format.Gzip(format.CSV{}))
	assert.ErrorContains(t, err, "gzip")

	z := zipped("readme.txt", "x", "dir/", "", "dir/a.csv", "id,name\n1,a\n2,b\n", "b.csv", "id,name\n3,c\n")
	got, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(z), format.Zip{Format: format.CSV{}, Name: "*.csv"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	for range format.Decode[transporttest.Item](bytes.NewReader(z), format.Zip{Format: format.CSV{}, Name: "*.csv"}) {
		break
	}
	for _, tt := range []struct {
		zip  format.Zip
		data []byte
		says string
	}{
		{format.Zip{Format: format.CSV{}, Name: "*.xml"}, z, "no file matches"},
		{format.Zip{Format: format.CSV{}, MaxBytes: 10}, z, "larger than allowed"},
		{format.Zip{Format: format.CSV{}, Name: "["}, z, "pattern"},
		{format.Zip{Format: format.CSV{}}, z[:len(z)-30], "open the archive"},
		{format.Zip{}, z, "Format is required"},
		{format.Zip{Format: format.JSON{}, Name: "b.csv"}, z, "b.csv: "},
	} {
		_, err := transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(tt.data), tt.zip))
		assert.ErrorContains(t, err, tt.says)
	}
}
