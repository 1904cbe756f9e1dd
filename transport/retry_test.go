package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestRetryAfterIsObeyed(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "30" },
		"date":    func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, n := time.Now(), 0
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					// More often than Attempts: the source sets the pace.
					if n++; n <= 12 {
						w.Header().Set("Retry-After", header())
						w.WriteHeader(429)
						return
					}
					_, _ = io.WriteString(w, "1")
				})
				_, err := transport.Get[int](ctx, c, transport.Request{})
				require.NoError(t, err)
				assert.Equal(t, 12*30*time.Second, time.Since(start))
			})
		})
	}
}

func TestRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			w.WriteHeader(503)
			_, _ = io.WriteString(w, "down for maintenance")
		})
		start := time.Now()
		_, err := c.Do(ctx, transport.Request{Path: "/x"})
		e := asError(t, err)
		assert.Equal(t, 8, n)
		assert.Equal(t, 8, e.Attempts)
		assert.True(t, e.Temporary())
		assert.EqualError(t, err, "GET https://api.example.com/x: 503 Service Unavailable (tried 8 times): down for maintenance")
		// Seven waits of at most 0.5, 1, 2, 4, 8, 16 and 32 s.
		assert.LessOrEqual(t, time.Since(start), 63500*time.Millisecond)
	})
}

func TestRetryElapsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "40")
			w.WriteHeader(429)
		}, transport.WithRetry(retry.Policy{Elapsed: 100 * time.Second}))
		start := time.Now()
		_, err := c.Do(ctx, transport.Request{})
		e := asError(t, err)
		assert.True(t, e.Temporary())
		assert.Equal(t, 3, e.Attempts)
		assert.Equal(t, 80*time.Second, time.Since(start), "a wait that would end too late is not begun")
		assert.ErrorContains(t, err, "limit of 1m40s")
	})
}

func TestRetryWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		})
		start := time.Now()
		tctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err := c.Do(tctx, transport.Request{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.False(t, asError(t, err).Temporary())
	})
}

func TestRetryOnlyWhereSafe(t *testing.T) {
	for _, tt := range []struct {
		method     string
		idempotent bool
		status     int
		want       int
	}{
		{"GET", false, 500, 2}, {"PUT", false, 500, 2}, {"DELETE", false, 502, 2},
		{"POST", false, 500, 1}, {"PATCH", false, 503, 1}, {"POST", false, 408, 1},
		{"POST", true, 500, 2}, {"POST", false, 429, 2}, {"POST", false, 425, 2},
		{"GET", false, 400, 1}, {"GET", false, 501, 1}, {"GET", false, 401, 1},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					b, _ := io.ReadAll(r.Body)
					assert.Equal(t, `{"a":1}`, string(b), "the body is there again in each try")
					n++
					w.WriteHeader(tt.status)
				}, transport.WithRetry(retry.Policy{Attempts: 2}))
				_, err := c.Do(ctx, transport.Request{Method: tt.method, Idempotent: tt.idempotent, Body: map[string]int{"a": 1}})
				require.Error(t, err)
				assert.Equal(t, tt.want, n)
			})
		})
	}
}

func TestRetryForbiddenForQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 1 {
				w.Header().Set("Retry-After", "5")
				w.WriteHeader(403)
			}
		})
		_, err := c.Do(ctx, transport.Request{})
		assert.NoError(t, err)
	})
}

func TestTimeoutOfATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		rt := trips(func(r *http.Request) (*http.Response, error) {
			n++
			switch n {
			case 1: // no headers in time
				<-r.Context().Done()
				return nil, r.Context().Err()
			case 2: // no body in time
				return &http.Response{StatusCode: 200, ContentLength: -1, Body: stalled{r.Context()}}, nil
			}
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: io.NopCloser(strings.NewReader("7"))}, nil
		})
		c, err := transport.New("https://h", transport.WithRoundTripper(rt), transport.WithTimeout(10*time.Second), transport.WithLogger(quiet))
		require.NoError(t, err)
		got, err := transport.Get[int](ctx, c, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, 7, got)
		assert.Equal(t, 3, n)

		n = 0
		_, err = transport.Get[int](ctx, c, transport.Request{Method: "POST"})
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.True(t, asError(t, err).Temporary())
	})
}

// stalled is a body that never comes.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }
func (stalled) Close() error               { return nil }

// TestFaults lets a source fail in each way once, on a real connection, and
// wants every record of three pages once.
func TestFaults(t *testing.T) {
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = buf.WriteString(text)
			_ = buf.Flush()
			_ = conn.Close()
		}
	}
	const half = `{"data":[{"id":1,"name":"n1"},{"id":2,"na`
	faults := map[string]http.HandlerFunc{
		"status 429": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0.001")
			w.WriteHeader(429)
		},
		"status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"status 503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"reset before any answer": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		},
		"closed before any answer":      raw(""),
		"half a status line":            raw("HTTP/1.1 20"),
		"cut of a length":               raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + half),
		"cut of chunks":                 raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n" + half + "\r\n"),
		"cut where nothing tells":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half),
		"cut before the first byte":     raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
		"cut between two records":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}`),
		"cut after the records":         raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}]`),
		"a proxy's own cut, well sized": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, half) },
		"panic in mid-body": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, half)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			failed := map[string]bool{}
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				page := r.URL.Query().Get("page")
				if !failed[page] {
					failed[page] = true
					fault(w, r)
					return
				}
				var n int
				_, _ = fmt.Sscan(page, &n)
				writeItems(w, 2*n-1, 2*n, `,"total":3`)
			}, transport.WithRetry(retry.Policy{Base: time.Microsecond, Max: time.Microsecond}))
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/items", RecordsAt: "data"},
				paging.PageNumber{TotalPagesAt: "total"}))
			require.NoError(t, err)
			assert.Equal(t, upTo(6), ids(got))
			assert.Len(t, failed, 3)
		})
	}
}

func TestShortBodyOfARoundTripper(t *testing.T) {
	n := 0
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Base: 1}),
		transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
			switch n++; n {
			case 1:
				return &http.Response{StatusCode: 200, ContentLength: 9, Body: io.NopCloser(strings.NewReader("12345678"))}, nil
			case 2:
				return nil, errors.New("some fault")
			case 3:
				return nil, nil
			case 4:
				return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
			}
			return &http.Response{StatusCode: 200, ContentLength: 9, Body: io.NopCloser(strings.NewReader("123456789"))}, nil
		})))
	require.NoError(t, err)
	got, err := transport.Get[int](ctx, c, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, 123456789, got)
	assert.Equal(t, 5, n)
}

func TestGarbageIsNotRepeated(t *testing.T) {
	for name, tt := range map[string]struct {
		typ, body string
		want      error
		says      string
	}{
		"html":            {"text/html", "<!DOCTYPE html><title>Sign in</title>", transport.ErrNotJSON, "text/html"},
		"text":            {"text/plain", "hello", transport.ErrNotJSON, ""},
		"nothing":         {"application/json", "", transport.ErrNotJSON, "it is empty"},
		"garbage":         {"application/json", "\x00\x01\x02", transport.ErrNotJSON, ""},
		"two values":      {"application/json", `{"data":[]} {"data":[]}`, transport.ErrNotJSON, "more text follows"},
		"missing comma":   {"application/json", `{"data":[{} {}]}`, transport.ErrNotJSON, "unexpected"},
		"bad record":      {"application/json", `{"data":[{"id":tru}]}`, transport.ErrNotJSON, "record 1"},
		"no records":      {"application/json", `{"items":[],"total":0}`, transport.ErrNoRecords, "an object with the keys items, total"},
		"object there":    {"application/json", `{"data":{"items":[]}}`, transport.ErrNoRecords, "an object with the keys items"},
		"scalar":          {"application/json", `"x"`, transport.ErrNoRecords, "a string"},
		"an array":        {"application/json", `[1,2]`, transport.ErrNoRecords, "an array of 2"},
		"null there":      {"application/json", `{"data":null}`, nil, ""},
		"empty":           {"application/json", `{"data":[]}`, nil, ""},
		"byte order mark": {"application/json", "\xef\xbb\xbf{\"data\":[]}", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				w.Header().Set("Content-Type", tt.typ)
				_, _ = io.WriteString(w, tt.body)
			})
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/x", RecordsAt: "data"}, nil))
			assert.Empty(t, got)
			assert.Equal(t, 1, n)
			if tt.want == nil {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, tt.want)
			assert.ErrorContains(t, err, tt.says)
			assert.ErrorContains(t, err, "/x: ")
			assert.False(t, asError(t, err).Temporary())
		})
	}
}

func TestHTMLAfterSuccessIsNoConfiguration(t *testing.T) {
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 || n == 3 {
			_, _ = io.WriteString(w, "<html>")
			return
		}
		_, _ = io.WriteString(w, "1")
	})
	_, err := transport.Get[int](ctx, c, transport.Request{})
	require.NoError(t, err)
	_, err = transport.Get[int](ctx, c, transport.Request{})
	assert.Equal(t, "defect", kindName(asError(t, err)))
	assert.Equal(t, "<html>", asError(t, err).Body)

	c = serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "<html>") })
	_, err = transport.Get[int](ctx, c, transport.Request{})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "1.5": 1500 * time.Millisecond, "0.0001": time.Millisecond,
		"99999999999999999999": 366 * 24 * time.Hour, "Wed, 01 May 2024 12:00:30 GMT": 30 * time.Second,
		"Wednesday, 01-May-24 12:00:30 GMT": 30 * time.Second, "Wed May  1 12:00:30 2024": 30 * time.Second,
		"Wed, 01 May 2024 11:00:00 GMT": 0, "Mon, 01 Jan 9999 00:00:00 GMT": 366 * 24 * time.Hour,
	} {
		got, ok := transport.ParseRetryAfter(in, now)
		assert.True(t, ok, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "soon", "-1", "+1", "1e3", "0x10", "NaN", "Inf", "1s", "1 2", "2024-05-01T12:00:30Z"} {
		_, ok := transport.ParseRetryAfter(in, now)
		assert.False(t, ok, in)
	}
}
