package transport_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
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

// repeat is a reader that repeats its text up to a size.
type repeat struct {
	text string
	left int // bytes
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(r.text) <= len(p) && r.left > 0 {
		n += copy(p[n:], r.text)
		r.left -= len(r.text)
	}
	if n == 0 {
		n = copy(p, r.text)
		r.left -= n
	}
	return n, nil
}

// A long value precedes, follows or replaces the array, as it does if JSON.At is wrong.
func TestAStreamOfJSONTakesBoundedMemoryForAnyText(t *testing.T) {
	const size, limit = 12 << 20, 10_000_000 // bytes; a record may have 1 MiB
	knownfault.Run(t, []string{
		"string in place of the array", "string before the array", "string after the array", "white space",
	}, func(t *knownfault.T) {
		for _, c := range []struct{ name, at, before, text, after string }{
			{"object in place of the array", "", `{"data":[`, `1234567890123456,`, `1]}`},
			{"string in place of the array", "", `"`, `x`, `"`},
			{"string before the array", "data", `{"a":"`, `x`, `","data":[{"id":1}]}`},
			{"object before the array", "data", `{"a":[`, `1234567890123456,`, `1],"data":[{"id":1}]}`},
			{"string after the array", "data", `{"data":[{"id":1}],"a":"`, `x`, `"}`},
			{"white space", "", ``, ` `, `[{"id":1}]`},
			{"record", "", `[{"id":"`, `x`, `"}]`},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				client, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithMaxBody(1<<20), transport.WithRetry(retry.Policy{Attempts: 1}),
					transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
						body := io.MultiReader(strings.NewReader(c.before), &repeat{c.text, size}, strings.NewReader(c.after))
						return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
					})))
				require.NoError(t, err)
				used := allocated(func() {
					_, err = collect(transport.Stream[map[string]any](ctx, client, transport.Request{}, format.JSON{At: c.at}))
				})
				assert.LessOrEqual(t, used, uint64(limit), "the number of bytes; the error is: %v", err)
			})
		}
	})
}
