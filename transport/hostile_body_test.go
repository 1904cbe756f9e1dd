package transport_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	bignum "math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// gzipOf compresses a text.
func gzipOf(r io.Reader) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = io.Copy(w, r)
	_ = w.Close()
	return b.Bytes()
}

// compressed reads a response with a Content-Encoding.
func compressed(status int, coding string, body func() io.Reader) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, status, http.Header{"Content-Encoding": {coding}}, body)
		return counted(transport.Records[item](ctx, c, transport.Request{}, paging.SinglePage{}), 1)
	}
}

func bomb(size int) func() io.Reader {
	return func() io.Reader { return bytes.NewReader(gzipOf(textOf("[1],[1],", size/8))) }
}

const (
	megabyte  = 1 << 20
	emptyGzip = "\x1f\x8b\b\x00\x00\x00\x00\x00\x00\xff\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"
	recordOne = `[{"id":1}]`
)

var hostileCompression = []hostile{
	{name: "a bomb", read: compressed(200, "gzip", bomb(100*megabyte)), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a bomb of a refusal", read: compressed(400, "gzip", bomb(100*megabyte)), want: "400"},
	{long: true, name: "a bomb of deflate", read: compressed(200, "deflate", func() io.Reader {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestSpeed)
		_, _ = io.Copy(w, textOf("[1],[1],", 10*megabyte))
		_ = w.Close()
		return &b
	}), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a bomb in a bomb", read: compressed(200, "gzip, gzip", func() io.Reader {
		return bytes.NewReader(gzipOf(textOf(string(gzipOf(textOf(" ", megabyte))), 50_000)))
	}), want: "larger than allowed", is: transport.ErrTooLarge},
	{name: "compressed twice", read: compressed(200, "gzip, gzip", func() io.Reader {
		return bytes.NewReader(gzipOf(bytes.NewReader(gzipOf(strings.NewReader(recordOne)))))
	})},
	{long: true, name: "a million members", read: compressed(200, "gzip", func() io.Reader {
		return textOf(string(gzipOf(strings.NewReader(" "))), million)
	}), want: "truncated"},
	{name: "members without text and without end", read: compressed(200, "gzip", forever(emptyGzip)), want: "members in a row have no text", is: transport.ErrTooLarge},
	{name: "members without text of a refusal", read: compressed(500, "gzip", forever(emptyGzip)), want: "500"},
	{name: "padding without end", read: compressed(200, "gzip", func() io.Reader { return around(string(gzipOf(strings.NewReader(recordOne))), forever("\x00")()) }), want: "padding", is: transport.ErrTooLarge},
	{name: "a name without end", read: compressed(200, "gzip", func() io.Reader { return around("\x1f\x8b\b\x08\x00\x00\x00\x00\x00\xff", forever("n")()) }), want: "gzip"},
	{name: "a comment without end", read: compressed(200, "gzip", func() io.Reader { return around("\x1f\x8b\b\x10\x00\x00\x00\x00\x00\xff", forever("n")()) }), want: "gzip"},
	{name: "extra fields", read: compressed(200, "gzip", forever("\x1f\x8b\b\x04\x00\x00\x00\x00\x00\xff\xff\xff"+strings.Repeat("x", 65535)+"\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00")), want: "members in a row", is: transport.ErrTooLarge},
	{name: "a coding that was not asked for", read: compressed(200, "zstd", forever("\x28\xb5\x2f\xfd")), want: "unknown Content-Encoding"},
	{name: "zeros", read: compressed(200, "identity", forever("\x00")), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
}

// asPages reads a page and its records as type T.
func asPages[T any](at string, n int, body func() io.Reader, opts ...transport.Option) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, body, opts...)
		return counted(transport.Records[T](ctx, c, transport.Request{RecordsAt: at}, paging.SinglePage{}), n)
	}
}

// asValue reads a response as a T.
func asValue[T any](body func() io.Reader, header ...string) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		c := hostileClient(t, 200, h, body)
		_, err := transport.Get[T](ctx, c, transport.Request{})
		return err
	}
}

// withPaging reads a page with a paging that searches it for a pointer.
func withPaging(body func() io.Reader) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, body)
		_, err := consume(transport.Records[map[string]any](ctx, c, transport.Request{RecordsAt: "data"}, paging.NextURL{At: "meta.next"}))
		return err
	}
}

func parts(p ...any) func() io.Reader {
	return func() io.Reader {
		var again []any
		for _, p := range p {
			if f, ok := p.(func() io.Reader); ok {
				p = f()
			}
			again = append(again, p)
		}
		return around(again...)
	}
}

// numberedMembers are n members of an object with different names.
func numberedMembers(n int) func() io.Reader {
	return func() io.Reader {
		r, w := io.Pipe()
		go func() {
			b := bufio.NewWriterSize(w, 64<<10)
			var err error
			for i := 0; i < n && err == nil; i++ {
				_, err = fmt.Fprintf(b, `"k%d":%d,`, i, i)
			}
			_ = b.Flush()
			_ = w.CloseWithError(err)
		}()
		return &pipe{r}
	}
}

// A pipe closes its writer at its end, so that no goroutine is left.
type pipe struct{ *io.PipeReader }

type wide struct {
	A, B, C, D, E, F, G, H, I, J string
	M                            map[string]string
}

var hostileJSON = []hostile{
	{long: true, name: "7 million brackets", read: asPages[item]("", 0, times("[", 7*million)), want: "truncated", is: transport.ErrCut},
	{name: "7 million nested lists", read: asPages[any]("", 1, parts("[", times("[", 7*million), times("]", 7*million), "]")), want: "depth"},
	{long: true, name: "7 million nested lists in a value", read: asValue[any](parts(times("[", 7*million), times("]", 7*million))), want: "depth"},
	{long: true, name: "7 million nested lists as text", read: asPages[json.RawMessage]("", 1, parts("[", times("[", 7*million), times("]", 7*million), "]")), want: "syntax error"},
	{long: true, name: "3 million nested objects", read: withPaging(parts(`{"data":[],"meta":`, times(`{"a":`, 3*million), "1", times("}", 3*million), "}"))},
	{name: "a string without end", read: asPages[item]("", 0, parts(`["`, forever("x"))), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a string of 22 MB", read: asPages[item]("", 1, parts(`[{"id":1,"name":"`, times("x", 22*million), `"}]`))},
	{long: true, name: "a string of 22 MB in a map", read: asPages[map[string]any]("", 1, parts(`[{"id":1,"name":"`, times("x", 22*million), `"}]`))},
	{long: true, name: "a string of escapes", read: asPages[map[string]any]("", 1, parts(`[{"id":1,"name":"`, times(`\ud83d\ude00`, 2*million), `"}]`))},
	{long: true, name: "halves of surrogate pairs", read: asPages[item]("", 1, parts(`[{"id":1,"name":"`, times(`\ud83d`, 4*million), `"}]`)), want: "surrogate"},
	{name: "a million empty lists", read: asPages[any]("", million, parts("[", times("[],", million-1), "[]]"))},
	{long: true, name: "a million empty objects", read: asPages[item]("", million, parts("[", times("{},", million-1), "{}]"))},
	{name: "7 million empty lists", read: asPages[any]("", 0, parts("[", times("[],", 7*million), "[]]")), want: "more than 1048576 records", is: transport.ErrTooLarge},
	{name: "7 million numbers", read: asPages[int]("", 0, parts("[", times("1,", 7*million), "1]")), want: "more than 1048576 records", is: transport.ErrTooLarge},
	{long: true, name: "7 million numbers of a wildcard", read: asPages[int]("a.*", 0, parts(`{"a":[`, times("1,", 7*million), "1]}")), want: "more than 1048576 records", is: transport.ErrTooLarge},
	{name: "a record of 7 million empty lists", read: asPages[any]("", 0, parts("[[", times("[],", 7*million), "[]]]")), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "a record of 7 million empty objects", read: asPages[map[string]any]("", 0, parts(`[{"a":[`, times("{},", 7*million), "{}]}]")), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "a record with a million members", read: asPages[map[string]any]("", 1, parts(`[{`, numberedMembers(million), `"z":1}]`)), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "a record with a million members as a struct", read: asPages[item]("", 1, parts(`[{`, numberedMembers(million), `"id":1}]`)), want: "members", is: transport.ErrTooLarge},
	{long: true, name: "a record with a million members as text", read: asPages[json.RawMessage]("", 1, parts(`[{`, numberedMembers(million), `"id":1}]`))},
	{name: "a million members of one name", read: asPages[item]("", 1, parts(`[{`, times(`"name":"a",`, million), `"id":1}]`)), want: "members", is: transport.ErrTooLarge},
	{long: true, name: "a page with a million members", read: asPages[item]("data", 1, parts(`{`, numberedMembers(million), `"data":[{"id":1}]}`))},
	{long: true, name: "a page with 5 million members", read: asPages[item]("data", 1, parts(`{`, times(`"":0,`, 5*million), `"data":[{"id":1}]}`))},
	{long: true, name: "a page with a million pointers", read: withPaging(parts(`{"data":[],"meta":{`, times(`"nextt":"/abc?page=2",`, million), `"a":1}}`)), want: "nextt"},
	{long: true, name: "a page with a long name", read: withPaging(parts(`{"`, times("next", 5*million), `":"/abc?page=2"}`)), want: "nextnext", is: transport.ErrNoRecords},
	{long: true, name: "a value of 7 million empty objects", read: asValue[[]wide](parts("[", times("{},", 7*million), "{}]")), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "a value of 7 million pointers", read: asValue[[]*wide](parts("[", times("{},", 7*million), "{}]")), want: "values", is: transport.ErrTooLarge},
	{name: "a number with a million digits", read: asPages[map[string]any]("", 1, parts(`[{"id":`, times("7", million), `}]`))},
	{name: "a large integer with a million digits", read: asPages[struct{ ID *bignum.Int }]("", 1, parts(`[{"id":`, times("7", million), `}]`)), want: "digits, more than 131072", is: transport.ErrTooLarge},
	{name: "an integer with a million digits", read: asPages[item]("", 1, parts(`[{"id":`, times("7", million), `}]`)), want: "id"},
	{name: "a number with a large exponent", read: asPages[item]("", 1, parts(`[{"id":1e1000000000}]`)), want: "id"},
	{name: "a number with a million zeros", read: asPages[item]("", 1, parts(`[{"id":1.`, times("0", million), `}]`))},
	{long: true, name: "spaces without end", read: asPages[item]("", 1, forever(" ")), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a web page of 22 MB", read: asPages[item]("", 1, parts("<html>", times("abc ", 5*million))), want: "markup", is: transport.ErrNotJSON},
	{long: true, name: "22 MB that are not JSON", read: asPages[item]("", 1, times("abc ", 5*million)), want: "not JSON", is: transport.ErrNotJSON},
	{long: true, name: "22 MB of invalid bytes", read: asPages[item]("", 1, parts(`["`, times("\xff", 22*million), `"]`)), want: "after its conversion to UTF-8", is: transport.ErrTooLarge},
	{long: true, name: "7 MB of invalid bytes", read: asPages[string]("", 1, parts(`["`, times("\xff", 7*million), `"]`))},
	{long: true, name: "22 MB of UTF-16", read: asValue[item](parts("\xff\xfe", times("\xff\xff", 11*million)), "Content-Type", "text/json"), want: "after its conversion to UTF-8", is: transport.ErrTooLarge},
	{long: true, name: "22 MB of latin1", read: asValue[string](parts(`"`, times("\xe9", 11*million), `"`), "Content-Type", "text/json; charset=koi8-r")},
	{name: "a long error", read: func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, parts(`{"error":"`, times("x", 22*million), `"}`))
		_, err := transport.Get[item](ctx, c, transport.Request{ErrorAt: "error"})
		return err
	}, want: "xxx", is: transport.ErrReported},
	{long: true, name: "an error with a million members", read: func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, parts(`{"error":{`, numberedMembers(million), `"a":1}}`))
		_, err := transport.Get[item](ctx, c, transport.Request{ErrorAt: "error"})
		return err
	}, want: "k0", is: transport.ErrReported},
}

// job is a job whose responses are given. The first one creates it.
func job(bodies ...func() io.Reader) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		n := 0
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			body := bodies[min(n, len(bodies)-1)]
			n++
			return &http.Response{StatusCode: 200, Body: io.NopCloser(body()), ContentLength: -1, Request: r}, nil
		})
		_, err := consume(transport.Report[item](ctx, c, transport.Job{
			Create: transport.Request{Path: "/jobs", Method: "POST"}, IDAt: "id", StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"},
			Poll: func(string) transport.Request { return transport.Request{Path: "/jobs/1"} }, ResultURLAt: "urls", Interval: 1,
		}, formatJSON))
		return err
	}
}

var hostileJobs = []hostile{
	{name: "a response to its creation without end", read: job(parts(`{"id":"`, forever("x"))), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "an id of 22 MB", read: job(parts(`{"id":"`, times("x", 22*million), `"}`)), want: "the job's id", is: transport.ErrTooLarge},
	{name: "no id among a million empty lists", read: job(parts(`{"a":[`, times("[],", 7*million), `[]]}`)), want: "the job's id"},
	{long: true, name: "an id that is a list", read: job(parts(`{"id":[`, times("[],", 7*million), `[]]}`)), want: "the job's id"},
	{long: true, name: "a status of 22 MB", read: job(parts(`{"id":1}`), parts(`{"status":"`, times("x", 22*million), `"}`)), want: "the job's status", is: transport.ErrTooLarge},
	{name: "a status without end", read: job(parts(`{"id":1}`), parts(`{"status":"`, forever("x"))), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a failure of 22 MB", read: job(parts(`{"id":1}`), parts(`{"status":"failed","x":[`, times("[],", 7*million), `[]]}`)), want: "the source reports that the job failed", is: transport.ErrJobFailed},
	{long: true, name: "a long reason", read: job(parts(`{"id":1}`), parts(`{"status":"failed","message":"`, times("x", 22*million), `"}`)), want: "the source reports that the job failed", is: transport.ErrJobFailed},
	{name: "a million results", read: job(parts(`{"id":1}`), parts(`{"status":"done","urls":[`, times(`"/a",`, million), `"/a"]}`)), want: "a list of 1000001 results", is: transport.ErrTooLarge},
	{name: "a result without end", read: job(parts(`{"id":1}`), parts(`{"status":"done","urls":"/a"}`), parts(`["`, forever("x"))), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a long URL", read: job(parts(`{"id":1}`), parts(`{"status":"done","urls":"/`, times("x", 22*million), `"}`)), want: "the URL of the result", is: transport.ErrTooLarge},
}
