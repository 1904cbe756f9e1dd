package transport_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// endless is a body with an array of n records.
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

func TestAStreamHoldsOneRecordInMemory(t *testing.T) {
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
	for it, err := range transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}) {
		require.NoError(t, err)
		require.EqualValues(t, 12345, it.ID)
		if got++; got%1000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	assert.Equal(t, n, got)
	assert.Less(t, most, before.HeapAlloc+16<<20, "the stream has 40 MB")
}

// A long value precedes, follows or replaces the array, as it does if JSON.At is wrong.
func TestAStreamOfJSONAllocatesLittleForAnyText(t *testing.T) {
	const size, limit = 12 << 20, 10_000_000 // bytes; a record may have 1 MiB
	for _, c := range []struct{ name, at, before, text, after string }{
		{"object in place of the array", "", `{"data":[`, `1234567890123456,`, `1]}`},
		{"string in place of the array", "", `"`, `x`, `"`},
		{"string before the array", "data", `{"a":"`, `x`, `","data":[{"id":1}]}`},
		{"object before the array", "data", `{"a":[`, `1234567890123456,`, `1],"data":[{"id":1}]}`},
		{"string after the array", "data", `{"data":[{"id":1}],"a":"`, `x`, `"}`},
		{"white space", "", ``, ` `, `[{"id":1}]`},
		{"record", "", `[{"id":"`, `x`, `"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithMaxBody(1<<20), transport.WithRetry(retry.Policy{Attempts: 1}),
				transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
					body := io.MultiReader(strings.NewReader(c.before), textOf(c.text, size/len(c.text)+1), strings.NewReader(c.after))
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
				})))
			require.NoError(t, err)
			used := allocated(func() {
				_, err = collect(transport.Stream[map[string]any](ctx, client, transport.Request{}, format.JSON{At: c.at}))
			})
			assert.LessOrEqual(t, used, uint64(limit), "the number of bytes; the error is: %v", err)
		})
	}
}

// measured is a reader that measures the memory that is in use while it is read.
type measured struct {
	r            io.Reader
	next         int // the number of bytes up to the next measurement
	before, most uint64
}

func newMeasured(r io.Reader) *measured {
	m := &measured{r: r}
	m.before = m.inUse()
	return m
}

func (m *measured) inUse() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.next -= n; m.next <= 0 || err != nil {
		m.next = 4 << 20
		if *long {
			m.next = 1 << 20
		}
		m.most = max(m.most, m.inUse())
	}
	return n, err
}

func TestAStreamTakesBoundedMemoryForAnyText(t *testing.T) {
	const size, limit = 12 << 20, 10_000_000 // bytes; a record may have 1 MiB
	json := func(at string) format.Format { return format.JSON{At: at} }
	xml := format.XML{At: "a.b"}
	for _, c := range []struct {
		name                string
		format              format.Format
		before, text, after string
		want                error // or nil, if the records are read
	}{
		{"object in place of the array", json(""), `{"data":[`, `1234567890123456,`, `1]}`, format.ErrNoRecords},
		{"string in place of the array", json(""), `"`, `x`, `"`, format.ErrNoRecords},
		{"number in place of the array", json(""), `1`, `2`, ``, format.ErrNoRecords},
		{"string before the array", json("data"), `{"a":"`, `x`, `","data":[{"id":1}]}`, nil},
		{"escapes before the array", json("data"), `{"a":"`, `\u0041`, `","data":[{"id":1}]}`, nil},
		{"number before the array", json("data"), `{"a":0.`, `1`, `,"data":[{"id":1}]}`, nil},
		{"name before the array", json("data"), `{"`, `x`, `":1,"data":[{"id":1}]}`, nil},
		{"names before the array", json("data"), `{"x":{`, `"name of 24 characters":0,`, `"":1},"data":[{"id":1}]}`, nil},
		{"names beside the array", json("data"), `{`, `"name of 24 characters":0,`, `"data":[{"id":1}]}`, nil},
		{"object before the array", json("data"), `{"a":[`, `1234567890123456,`, `1],"data":[{"id":1}]}`, nil},
		{"arrays before the array", json("data"), `{"a":`, `[`, ``, format.ErrTooLarge},
		{"objects before the array", json("data"), `{"a":`, `{"x":`, ``, format.ErrTooLarge},
		{"string after the array", json("data"), `{"data":[{"id":1}],"a":"`, `x`, `"}`, nil},
		{"names after the array", json("data"), `{"data":[{"id":1}]`, `,"name of 24 characters":0`, `}`, nil},
		{"name on the path", json("data.items"), `{"`, `x`, `":1,"data":{"items":[{"id":1}]}}`, nil},
		{"white space", json(""), ``, ` `, `[{"id":1}]`, nil},
		{"white space in the array", json(""), `[`, ` `, `{"id":1}]`, nil},
		{"white space after the text", json(""), `[{"id":1}]`, "\n", ``, nil},
		{"null records", json(""), `[{"id":1},`, `null,`, `1]`, nil},
		{"record", json(""), `[{"id":"`, `x`, `"}]`, format.ErrTooLarge},
		{"name in a record", json(""), `[{"`, `x`, `":1}]`, format.ErrTooLarge},
		{"number as a record", json(""), `[`, `1`, `]`, format.ErrTooLarge},
		{"string as a record", json(""), `["`, `1`, `"]`, format.ErrTooLarge},
		{"array as a record", json(""), `[[`, `1,`, `1]]`, format.ErrTooLarge},
		{"nested record", json(""), `[`, `[`, ``, format.ErrTooLarge},
		{"empty lines", format.NDJSON{}, ``, "\r\n", `{"id":1}`, nil},
		{"line", format.NDJSON{}, `{"id":"`, `x`, `"}`, format.ErrTooLarge},
		{"line without an end", format.NDJSON{}, ``, `x`, ``, format.ErrTooLarge},
		{"XML: white space", xml, ``, ` `, `<a><b/></a>`, format.ErrTooLarge},
		{"XML: attributes of a record", xml, `<a><b`, ` abc="xyz"`, `/></a>`, format.ErrTooLarge},
		{"XML: attributes of the root", xml, `<a`, ` abc="xyz"`, `><b/></a>`, format.ErrTooLarge},
		{"XML: attribute", xml, `<a><c x="`, `y`, `"/><b/></a>`, format.ErrTooLarge},
		{"XML: name", xml, `<a><`, `x`, `/><b/></a>`, format.ErrTooLarge},
		{"XML: comment", xml, `<a><!--`, `x`, `--><b/></a>`, format.ErrTooLarge},
		{"XML: comments", xml, `<a>`, `<!-- x -->`, `<b/></a>`, nil},
		{"XML: instruction", xml, `<a><?x `, `x`, `?><b/></a>`, format.ErrTooLarge},
		{"XML: doctype", xml, `<!DOCTYPE a [`, `<!ENTITY a "b">`, `]><a><b/></a>`, format.ErrTooLarge},
		{"XML: CDATA", xml, `<a><![CDATA[`, `x`, `]]><b/></a>`, format.ErrTooLarge},
		{"XML: text", xml, `<a>`, `x`, `<b/></a>`, format.ErrTooLarge},
		{"XML: elements", xml, `<a>`, `<c>text</c>`, `<b/></a>`, nil},
		{"XML: nested elements", xml, `<a>`, `<c>`, ``, format.ErrTooLarge},
		{"XML: nested elements of different names", xml, `<a>`, `<c123456789012345678901234567890>`, ``, format.ErrTooLarge},
		{"XML: nested elements in a record", xml, `<a><b>`, `<c>`, ``, format.ErrTooLarge},
		{"XML: record", xml, `<a><b>`, `<c>text</c>`, `</b></a>`, format.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := newMeasured(io.MultiReader(strings.NewReader(c.before), textOf(c.text, size/len(c.text)+1), strings.NewReader(c.after)))
			client, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithMaxBody(1<<20), transport.WithRetry(retry.Policy{Attempts: 1}),
				transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
				})))
			require.NoError(t, err)
			records := 0
			for _, streamErr := range transport.Stream[any](ctx, client, transport.Request{}, c.format) {
				if err = streamErr; err == nil {
					records++
				}
			}
			assert.LessOrEqual(t, body.most, body.before+limit, "the number of bytes; the error is: %v", err)
			if c.name == "null records" {
				assert.ErrorContains(t, err, "it is null")
				return
			}
			assert.ErrorIs(t, err, c.want)
			assert.Equal(t, c.want == nil, records == 1)
		})
	}
}
