package transport_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

const million = 1_000_000

// withHeader reads pages and a response with a header.
func withHeader(status int, header func() http.Header, opts ...transport.Option) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, status, header(), func() io.Reader { return strings.NewReader(`[{"id":1}]`) }, opts...)
		if _, err := c.Do(ctx, transport.Request{}); err != nil {
			return err
		}
		return counted(transport.Records[item](ctx, c, transport.Request{}, paging.LinkHeader{}), 1)
	}
}

// list is a header with n values that a comma divides.
func list(name, value string, n int) func() http.Header {
	return one(name, func() string { return strings.Repeat(value+",", n-1) + value })
}

// one is a header whose value is made when it is needed.
func one(name string, value func() string) func() http.Header {
	return func() http.Header { return http.Header{name: {value()}} }
}

// longHeader is a header with text that is repeated n times.
func longHeader(name, before, text string, n int, after string) func() http.Header {
	return one(name, func() string { return before + strings.Repeat(text, n) + after })
}

// lines are n headers of one name.
func lines(name, value string, n int) func() http.Header {
	return func() http.Header {
		h := http.Header{}
		for range n {
			h[name] = append(h[name], value)
		}
		return h
	}
}

// numbered is a list of n values with numbers.
func numbered(name, format string, n int) func() http.Header {
	return one(name, func() string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	})
}

const tooManyHeaders = "the headers of the response"

var hostileHeaders = []hostile{
	{name: "20000 codings", read: withHeader(200, list("Content-Encoding", "gzip", 20_000)), want: "20000 codings: larger than allowed: more than 8", is: transport.ErrTooLarge},
	{name: "20000 codings of a refusal", read: withHeader(401, list("Content-Encoding", "gzip", 20_000)), want: "401"},
	{name: "20000 empty codings", read: withHeader(200, list("Content-Encoding", "", 20_000)), want: "codings"},
	{name: "20000 lines of codings", read: withHeader(200, lines("Content-Encoding", "gzip", 5_000)), want: "codings"},
	{name: "a long coding", read: withHeader(200, longHeader("Content-Encoding", "", "x", 200_000, "")), want: "unknown Content-Encoding"},
	{name: "a million codings", read: withHeader(200, list("Content-Encoding", "gzip", million)), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "a million codings of a refusal", read: withHeader(503, list("Content-Encoding", "gzip", million)), want: tooManyHeaders, is: transport.ErrTooLarge},
	{long: true, name: "a million parameters of a media type", read: withHeader(200, numbered("Content-Type", ";a%d=b", million)), want: tooManyHeaders},
	{name: "20000 parameters of a media type", read: withHeader(200, numbered("Content-Type", ";a%d=b", 18_000))},
	{name: "a long charset", read: withHeader(200, longHeader("Content-Type", "text/json;charset=", "x", 200_000, "")), want: "unknown charset"},
	{name: "a million links", read: withHeader(200, list("Link", "<>", million)), want: tooManyHeaders},
	{name: "60000 links", read: withHeader(200, list("Link", "<a>", 60_000))},
	{name: "20000 parameters of a link", read: withHeader(200, numbered("Link", "<a>;a%d=b", 18_000))},
	{name: "a million relations", read: withHeader(200, longHeader("Link", `<a>;rel="`, "x ", 100_000, `"`))},
	{long: true, name: "a million cookies", read: withHeader(200, lines("Set-Cookie", "a=b", million), transport.WithCookies()), want: tooManyHeaders},
	{name: "a million attributes of a cookie", read: withHeader(200, longHeader("Set-Cookie", "a=b", ";c", million, ""), transport.WithCookies()), want: tooManyHeaders},
	{name: "a million quotas", read: withHeader(200, list("Ratelimit", `"a";r=0;t=1`, million)), want: tooManyHeaders},
	{name: "20000 quotas", read: withHeader(200, list("Ratelimit", `"a";r=1;t=1`, 20_000))},
	{name: "20000 remaining", read: withHeader(200, list("X-Ratelimit-Remaining", `1`, 100_000))},
	{name: "a million waits", read: withHeader(503, list("Retry-After", "1", million)), want: tooManyHeaders},
	{name: "100000 waits", read: withHeader(503, list("Retry-After", "0", 100_000)), want: "503"},
	{name: "a million challenges", read: withHeader(401, list("Www-Authenticate", "Basic realm=a", million)), want: tooManyHeaders},
	{name: "a long place", read: withHeader(301, longHeader("Location", "/", "x", 200_000, "")), want: "a URL of 200001 bytes", is: transport.ErrTooLarge},
	{name: "a place of a million bytes", read: withHeader(301, longHeader("Location", "/", "x", million, "")), want: tooManyHeaders},
	{name: "a million names", read: func(t *testing.T) error {
		t.Helper()
		h := http.Header{}
		for i := range 100_000 {
			h[fmt.Sprint("X-", i)] = []string{""}
		}
		return withHeader(200, func() http.Header { return h })(t)
	}, want: tooManyHeaders},
	{name: "long headers of all kinds", read: func(t *testing.T) error {
		t.Helper()
		h := http.Header{}
		for _, name := range []string{"Etag", "Cache-Control", "Date", "Age", "Content-Range", "Vary", "Last-Modified", "X-Total-Count", "X-Ratelimit-Reset"} {
			h[name] = []string{strings.Repeat("1", 20_000)}
		}
		return withHeader(200, func() http.Header { return h })(t)
	}},
	{long: true, name: "names of limits that change", read: func(t *testing.T) error {
		t.Helper()
		n := 0
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			n++
			h := http.Header{fmt.Sprint("X-Ratelimit-", strings.Repeat("A", 100_000), n): {"1"}}
			return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody, Request: r}, nil
		})
		for range 3000 {
			if _, err := c.Do(ctx, transport.Request{}); err != nil {
				return err
			}
		}
		return nil
	}},
	{name: "cookies for new paths", read: func(t *testing.T) error {
		t.Helper()
		n := 0
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			n++
			h := http.Header{"Set-Cookie": {fmt.Sprintf("a=%d; Path=/%d/%s", n, n, strings.Repeat("p", 7000))}}
			return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody, Request: r}, nil
		}, transport.WithCookies())
		for range 20_000 {
			if _, err := c.Do(ctx, transport.Request{}); err != nil {
				return err
			}
		}
		return nil
	}, long: true},
	{name: "redirects with long queries", read: func(t *testing.T) error {
		t.Helper()
		n := 0
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			n++
			h := http.Header{"Location": {fmt.Sprintf("/%d?%s", n, strings.Repeat("q", 60_000))}}
			return &http.Response{StatusCode: 302, Header: h, Body: http.NoBody, Request: r}, nil
		})
		_, err := c.Do(ctx, transport.Request{})
		return err
	}, want: "too many redirects"},
}

// overConnection reads a response whose text is written as it is.
func overConnection(write func(w io.Writer), opts ...transport.Option) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 4096))
				write(conn)
				_ = conn.Close()
			}
		}()
		defer func() { _ = l.Close(); <-done }()
		c, err := transport.New("http://"+l.Addr().String(), append([]transport.Option{transport.WithLogger(quiet), oneAttempt, transport.WithConnections(1)}, opts...)...)
		require.NoError(t, err)
		defer c.Close()
		return counted(transport.Records[item](ctx, c, transport.Request{}, paging.SinglePage{}), 1)
	}
}

func written(parts ...any) func(io.Writer) {
	return func(w io.Writer) {
		var again []any
		for _, p := range parts {
			if f, ok := p.(func() io.Reader); ok {
				p = f()
			}
			again = append(again, p)
		}
		_, _ = io.Copy(w, around(again...))
	}
}

func forever(text string) func() io.Reader {
	return func() io.Reader { return textOf(text, endlessly/len(text)) }
}

func times(text string, n int) func() io.Reader { return func() io.Reader { return textOf(text, n) } }

const ok = "HTTP/1.1 200 OK\r\n"

var hostileConnections = []hostile{
	{name: "a status line without end", read: overConnection(written("HTTP/1.1 200 ", forever("OK"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "a header without end", read: overConnection(written(ok, "a: ", forever("b"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "headers without end", read: overConnection(written(ok, forever("a: b\r\n"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "short headers without end", read: overConnection(written(ok, forever("a:\n"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "a folded header without end", read: overConnection(written(ok, "a: b\r\n", forever(" c\r\n"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "informational responses without end", read: overConnection(written(forever("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))), want: tooManyHeaders, is: transport.ErrTooLarge},
	{name: "text that is not HTTP", read: overConnection(written(forever("x"))), want: tooManyHeaders},
	{name: "trailers without end", read: overConnection(written(ok, "Transfer-Encoding: chunked\r\n\r\na\r\n[{\"id\":1}]\r\n0\r\n", forever("a: b\r\n"))), want: "trailer"},
	{name: "a chunk extension without end", read: overConnection(written(ok, "Transfer-Encoding: chunked\r\n\r\na;", forever("x"))), want: "line"},
	{name: "100000 short chunks", read: overConnection(written(ok, "Transfer-Encoding: chunked\r\n\r\na\r\n[{\"id\":1}]\r\n", times("1\r\n \r\n", 100_000), "0\r\n\r\n"))},
	{name: "100000 chunks with extensions", read: overConnection(written(ok, "Transfer-Encoding: chunked\r\n\r\na\r\n[{\"id\":1}]\r\n", times("1;"+strings.Repeat("x", 200)+"\r\n \r\n", 100_000), "0\r\n\r\n")), want: "chunk"},
	{name: "a million codings of the transfer", read: overConnection(written(ok, "Transfer-Encoding: ", strings.Repeat("chunked,", 20_000), "chunked\r\n\r\n")), want: "transfer encoding"},
	{name: "a length that is too large", read: overConnection(written(ok, "Content-Length: 9000000000000000000\r\n\r\n[{\"id\":1}]")), want: "after 10 of 9000000000000000000 bytes", is: transport.ErrCut},
	{name: "a length that overflows", read: overConnection(written(ok, "Content-Length: 90000000000000000000\r\n\r\n[{\"id\":1}]")), want: "Content-Length"},
	{name: "a length that is too small", read: overConnection(written(ok, "Content-Length: 5\r\n\r\n[{\"id\":1}]")), want: "within its JSON", is: transport.ErrCut},
	{name: "a body without end", read: overConnection(written(ok, "\r\n", forever("[1],"))), want: "more than 25165824 bytes", is: transport.ErrTooLarge},
	{name: "a failure without end", read: overConnection(written("HTTP/1.1 400 Bad\r\n\r\n", forever("bad "))), want: "400 Bad Request"},
	{name: "a body that trickles", read: overConnection(func(w io.Writer) {
		_, _ = io.WriteString(w, ok+"\r\n[")
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}, transport.WithTimeout(200*time.Millisecond)), want: "no complete response in time", is: transport.ErrTimeout},
}
