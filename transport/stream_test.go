package transport_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

func decodeString[T any](text string, f transport.Format) ([]T, error) {
	return collect(transport.Decode[T](strings.NewReader(text), f))
}

func TestDecodeJSON(t *testing.T) {
	for text, at := range map[string]string{
		`[{"id":1},{"id":2}]`: "", "\xef\xbb\xbf [ {\"id\":1} , {\"id\":2} ] \n": "",
		`{"meta":{"a":[1,{"data":[]}]},"data":[{"id":1},{"id":2}],"next":null}`: "data",
		`{"x":[0,{"y":{"z":[{"id":1},{"id":2}]}},5]}`:                           "x.1.y.z",
		`{"a.b":[{"id":1},{"id":2}]}`:                                           "/a.b",
	} {
		got, err := decodeString[item](text, transport.JSON{At: at})
		assert.NoError(t, err, text)
		assert.Equal(t, upTo(2), ids(got), text)
	}
	for _, text := range []string{`{"data":[]}`, `{"data":null}`} {
		got, err := decodeString[item](text, transport.JSON{At: "data"})
		assert.NoError(t, err)
		assert.Empty(t, got)
	}
	for text, want := range map[string]error{
		`{"data":[{"id":1}`: transport.ErrCut, `{"data":[{"id":1}]`: transport.ErrCut, `{"data":[{"id":1},`: transport.ErrCut, `{"da`: transport.ErrCut, ``: transport.ErrCut,
		`{"data":[{"id":1}]} x`: transport.ErrNotJSON, `{"data":[{"id":1} {}]}`: transport.ErrNotJSON, `<html>`: transport.ErrNotJSON,
		`{"items":[]}`: transport.ErrNoRecords, `{"data":{}}`: transport.ErrNoRecords, `5`: transport.ErrNoRecords, `{}`: transport.ErrNoRecords,
	} {
		_, err := decodeString[item](text, transport.JSON{At: "data"})
		assert.ErrorIs(t, err, want, text)
	}
	_, err := decodeString[item](`[{"id":1},null]`, transport.JSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[item](`[{"id":1},{"id":"x"}]`, transport.JSON{})
	assert.ErrorContains(t, err, "decode record 2 as transport_test.item")
	_, err = decodeString[item](`[]`, transport.JSON{At: "a.*"})
	assert.ErrorContains(t, err, "can't be streamed")
	_, err = decodeString[item](`[]`, nil)
	assert.ErrorContains(t, err, "no format")

	maps, err := decodeString[map[string]any]("[{\"id\":9007199254740993,\"s\":\"a\xffb\"}]", transport.JSON{})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number("9007199254740993"), "s": "a\uFFFDb"}, maps[0])
	raws, err := decodeString[json.RawMessage]("[{\"s\":\"a\xffb\"},2]", transport.JSON{})
	require.NoError(t, err)
	assert.Equal(t, "{\"s\":\"a\uFFFDb\"}", string(raws[0]))
	assert.Equal(t, "2", string(raws[1]))
}

func TestDecodeNDJSON(t *testing.T) {
	got, err := decodeString[item]("{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}", transport.NDJSON{})
	require.NoError(t, err)
	assert.Equal(t, upTo(3), ids(got))
	got, err = decodeString[item]("", transport.NDJSON{})
	assert.NoError(t, err)
	assert.Empty(t, got)
	got, err = decodeString[item]("{\"id\":1}\n{\"id\":", transport.NDJSON{})
	assert.ErrorIs(t, err, transport.ErrCut)
	assert.Equal(t, upTo(1), ids(got))
	_, err = decodeString[item]("{\"id\":1}\nnull\n", transport.NDJSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[item]("{\"id\":1}\n<oops>\n", transport.NDJSON{})
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
	got, err := decodeString[row](text, transport.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = decodeString[row]("\xef\xbb\xbf"+text, transport.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	u := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		u = append(u, byte(c), byte(c>>8))
	}
	got, err = decodeString[row](string(u), transport.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	names, err := decodeString[map[string]any]("report of May\n\n#x\n1;\xe9;\n", transport.CSV{Comma: ';', Charset: "iso-8859-1", Header: []string{"a", "b", "c"}, SkipLines: 2, Comment: '#'})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"a": "1", "b": "é", "c": nil}}, names)
	texts, err := decodeString[map[string]string]("a,b\n1,\n", transport.CSV{EmptyText: true})
	require.NoError(t, err)
	assert.Equal(t, []map[string]string{{"a": "1", "b": ""}}, texts)

	for text, says := range map[string]string{
		"a,b\n1,2\n3\n": "line 3", "a,b\n1,2,3\n": "line 2", "a,a\n": "two columns", "id\nx\n": "line 2", "a\n\"x": "line 2", "": "empty",
	} {
		_, err := decodeString[row](text, transport.CSV{})
		assert.ErrorContains(t, err, says, "%q", text)
	}
	_, err = decodeString[row]("skipped\na,b\n1\n", transport.CSV{SkipLines: 1})
	assert.ErrorContains(t, err, "line 3")
	_, err = decodeString[struct{ Paid bool }]("paid\nmaybe\n", transport.CSV{})
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = decodeString[row]("a", transport.CSV{Charset: "klingon"})
	assert.ErrorContains(t, err, `unknown charset "klingon"`)
	got, err = decodeString[row]("id,name\n", transport.CSV{})
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
	got, err := decodeString[entry](text, transport.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []entry{{1, "aé", []string{"x", "", "y"}}, {ID: 2}}, got)
	maps, err := decodeString[map[string]any](text, transport.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"@id": "1", "name": "aé", "tag": []any{"x", nil, "y"}}, {"@id": "2", "#text": "text"}}, maps)
	raws, err := decodeString[json.RawMessage](text, transport.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, `{"#text":"text","@id":"2"}`, string(raws[1]))
	anys, err := decodeString[any](`<a><b>x</b><b/></a>`, transport.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []any{"x", nil}, anys)

	got, err = decodeString[entry](`<feed><entries/></feed>`, transport.XML{At: "feed.entries.entry"})
	assert.NoError(t, err)
	assert.Empty(t, got)
	for text, want := range map[string]error{
		`<feed/>`: transport.ErrNoRecords, `<html/>`: transport.ErrNoRecords, ``: transport.ErrCut, `<feed><entries><entry id="1">`: transport.ErrCut, `<feed><entries>`: transport.ErrCut,
	} {
		_, err := decodeString[entry](text, transport.XML{At: "feed.entries.entry"})
		assert.ErrorIs(t, err, want, text)
	}
	_, err = decodeString[any]("<a>"+strings.Repeat("<b>", 5000)+strings.Repeat("</b>", 5000)+"</a>", transport.XML{At: "a.b"})
	assert.ErrorContains(t, err, "within one another")
	_, err = decodeString[any]("<a/>", transport.XML{At: "a"})
	assert.ErrorContains(t, err, "must name")
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
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
	gz := gzipped("id,name\n1,a\n2,b\n")
	got, err := collect(transport.Decode[item](bytes.NewReader(gz), transport.Gzip(transport.CSV{})))
	require.NoError(t, err)
	assert.Equal(t, upTo(2), ids(got))
	_, err = collect(transport.Decode[item](bytes.NewReader(gz[:len(gz)-9]), transport.Gzip(transport.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = collect(transport.Decode[item](bytes.NewReader(nil), transport.Gzip(transport.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = decodeString[item]("not gzip at all", transport.Gzip(transport.CSV{}))
	assert.ErrorContains(t, err, "gzip")

	z := zipped("readme.txt", "x", "dir/", "", "dir/a.csv", "id,name\n1,a\n2,b\n", "b.csv", "id,name\n3,c\n")
	got, err = collect(transport.Decode[item](bytes.NewReader(z), transport.Zip{Format: transport.CSV{}, Name: "*.csv"}))
	require.NoError(t, err)
	assert.Equal(t, upTo(3), ids(got))
	for range transport.Decode[item](bytes.NewReader(z), transport.Zip{Format: transport.CSV{}, Name: "*.csv"}) {
		break
	}
	for _, tt := range []struct {
		zip  transport.Zip
		data []byte
		says string
	}{
		{transport.Zip{Format: transport.CSV{}, Name: "*.xml"}, z, "no file matches"},
		{transport.Zip{Format: transport.CSV{}, MaxBytes: 10}, z, "larger than allowed"},
		{transport.Zip{Format: transport.CSV{}, Name: "["}, z, "pattern"},
		{transport.Zip{Format: transport.CSV{}}, z[:len(z)-30], "open the archive"},
		{transport.Zip{}, z, "Format is required"},
		{transport.Zip{Format: transport.JSON{}, Name: "b.csv"}, z, "b.csv: "},
	} {
		_, err := collect(transport.Decode[item](bytes.NewReader(tt.data), tt.zip))
		assert.ErrorContains(t, err, tt.says)
	}
}

func TestRecordThatIsTooLarge(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// Many small records are fine; one large one is not.
		_, _ = io.WriteString(w, "["+strings.Repeat(`{"id":1},`, 100_000)+`{"name":"`+strings.Repeat("x", 300_000)+`"}]`)
	}, transport.WithMaxBody(100_000))
	got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.JSON{}))
	assert.ErrorIs(t, err, transport.ErrTooLarge)
	assert.Len(t, got, 100_000)
	assert.Equal(t, "defect", kindName(asError(t, err)))
}

func TestStreamFaults(t *testing.T) {
	t.Run("repeated until it begins", func(t *testing.T) {
		n := 0
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n < 3 {
				w.WriteHeader(503)
				return
			}
			assert.Equal(t, "application/x-ndjson, application/jsonl, */*;q=0.5", r.Header.Get("Accept"))
			_, _ = io.WriteString(w, "{\"id\":1}\n{\"id\":2}\n")
		}, transport.WithRetry(transport.Retry{Base: 1}))
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{Path: "/x"}, transport.NDJSON{}))
		require.NoError(t, err)
		assert.Equal(t, upTo(2), ids(got))
	})
	t.Run("cut", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{\"id\":1}\n{\"id\":2}\n")
		})
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.NDJSON{}))
		assert.Equal(t, upTo(2), ids(got))
		assert.ErrorIs(t, err, transport.ErrCut)
		assert.Equal(t, "temporary", kindName(asError(t, err)))
		assert.ErrorContains(t, err, "after record 2")
	})
	t.Run("page instead", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Sign in")
		})
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.CSV{}))
		assert.Equal(t, "configuration", kindName(asError(t, err)))
		assert.ErrorContains(t, err, "Sign in")
	})
	t.Run("refused", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) })
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.CSV{}))
		assert.Equal(t, "configuration", kindName(asError(t, err)))
	})
	t.Run("ignored and misused", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, transport.WithRules(transport.Rule{Status: 404, Do: transport.DoIgnore}))
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.CSV{}))
		assert.NoError(t, err)
		assert.Empty(t, got)
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{Records: "x"}, transport.CSV{}))
		assert.ErrorContains(t, err, "must be empty")
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{}, nil))
		assert.ErrorContains(t, err, "no format")
	})
	t.Run("a wrong record", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"id":1},{"id":"x"}]`) })
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, transport.JSON{}))
		assert.Equal(t, "defect", kindName(asError(t, err)))
	})
	t.Run("left early", func(t *testing.T) {
		closed := make(chan bool, 3)
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "{\"id\":1}\n")
			}
			closed <- true
		}, transport.WithLimit(transport.Limit{Concurrent: 1}))
		for range transport.Stream[item](ctx, c, transport.Request{}, transport.NDJSON{}) {
			for range transport.Stream[item](ctx, c, transport.Request{}, transport.NDJSON{}) {
				break // a request within a stream doesn't wait for it
			}
			break
		}
		assert.True(t, <-closed)
		assert.True(t, <-closed)
		cctx, cancel := context.WithCancel(ctx)
		defer cancel()
		n := 0
		for _, err := range transport.Stream[item](cctx, c, transport.Request{}, transport.NDJSON{}) {
			if n++; n == 10 {
				cancel()
			}
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, "defect", kindName(asError(t, err)))
			}
		}
		assert.Equal(t, 11, n)
	})
}

// drip gives a line whenever a second of virtual time has passed, and then
// nothing any more.
type drip struct {
	ctx   context.Context
	lines int
}

func (d *drip) Read(p []byte) (int, error) {
	if d.lines--; d.lines < 0 {
		<-d.ctx.Done()
		return 0, d.ctx.Err()
	}
	time.Sleep(time.Second)
	return copy(p, "{\"id\":1}\n"), nil
}
func (d *drip) Close() error { return nil }

func TestStreamOfASilentSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithTimeout(10*time.Second), transport.WithRoundTripper(
			trips(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, ContentLength: -1, Body: &drip{r.Context(), 100}}, nil
			})))
		require.NoError(t, err)
		start := time.Now()
		got := 0
		for _, err = range transport.Stream[item](ctx, c, transport.Request{}, transport.NDJSON{}) {
			if err != nil {
				break
			}
			got++
			if got == 50 {
				time.Sleep(time.Hour) // a slow consumer is not a silent source
			}
		}
		assert.Equal(t, 100, got)
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.Equal(t, "temporary", kindName(asError(t, err)))
		assert.Equal(t, time.Hour+110*time.Second, time.Since(start))
	})
}

// endless is an array of n records, made as it is read.
type endless struct {
	record []byte
	n      int
	rest   []byte
	begun  bool
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		switch {
		case !e.begun:
			e.begun = true
			e.rest = append([]byte("["), e.record...)
		case e.n > 1:
			e.n--
			e.rest = append([]byte(","), e.record...)
		case e.n == 1:
			e.n--
			e.rest = []byte("]")
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
func (e *endless) Close() error { return nil }

func TestStreamMemory(t *testing.T) {
	record := []byte(`{"id":12345,"name":"` + strings.Repeat("x", 1000) + `"}`)
	const n = 40_000
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Body: &endless{record: record, n: n}}, nil
	})))
	require.NoError(t, err)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got, most := 0, uint64(0)
	for it, err := range transport.Stream[item](ctx, c, transport.Request{}, transport.JSON{}) {
		require.NoError(t, err)
		require.EqualValues(t, 12345, it.ID)
		if got++; got%1000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	assert.Equal(t, n, got)
	assert.Less(t, most, before.HeapAlloc+16<<20, "40 MB went through")
}
