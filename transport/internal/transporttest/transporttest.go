// Package transporttest has what the tests of the packages below transport share: sources
// on loopback and in memory, and clients of them.
package transporttest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

// Memory serves requests without a network, so that time can be virtual.
type Memory struct{ http.Handler }

// RoundTrip calls the handler.
func (m Memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.ServeHTTP(w, r)
	}()
	select {
	case <-done:
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
	return w.Result(), nil
}

// RoundTripperFunc makes a round tripper of a function.
type RoundTripperFunc func(*http.Request) (*http.Response, error)

// RoundTrip calls f(r).
func (f RoundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Serve starts a server on loopback and returns a client for it.
func Serve(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	opts = append([]transport.Option{transport.WithLogger(Quiet)}, opts...)
	c, err := transport.New(srv.URL, opts...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// InMemory returns a client of a handler that is called without a network.
func InMemory(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	opts = append([]transport.Option{transport.WithLogger(Quiet), transport.WithRoundTripper(Memory{h})}, opts...)
	c, err := transport.New("https://api.example.com", opts...)
	require.NoError(t, err)
	return c
}

// Client is [InMemory] for examples, which have no testing.TB.
func Client(h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	client, err := transport.New("https://api.example.com", append(opts, transport.WithRoundTripper(Memory{h}))...)
	if err != nil {
		panic(err)
	}
	return client
}

// A LogRecord keeps what its logger writes.
type LogRecord struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps p.
func (l *LogRecord) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was written.
func (l *LogRecord) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Logger returns a logger of all levels.
func (l *LogRecord) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Warnings returns an option that makes a client log its warnings to l.
func (l *LogRecord) Warnings() transport.Option {
	return transport.WithLogger(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// Gzipped returns a text as a gzip file.
func Gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

// Quiet is a logger that drops everything.
var Quiet = slog.New(slog.DiscardHandler)

// Collect reads an iterator to its end.
func Collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, e := range seq {
		if e != nil {
			return all, e
		}
		all = append(all, v)
	}
	return all, nil
}

// An Item is a record of [WriteItems].
type Item struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// WriteItems writes a page with the items from first to last, and further members.
func WriteItems(w io.Writer, first, last int, more string) {
	var items []string
	for i := first; i <= last; i++ {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"n%d"}`, i, i))
	}
	fmt.Fprintf(w, `{"data":[%s]%s}`, strings.Join(items, ","), more)
}

// IDs returns the ids of items.
func IDs(items []Item) []int64 {
	var out []int64
	for _, it := range items {
		out = append(out, it.ID)
	}
	return out
}

// UpTo returns the numbers from 1 to n.
func UpTo(n int64) []int64 {
	var out []int64
	for i := int64(1); i <= n; i++ {
		out = append(out, i)
	}
	return out
}

// AsError returns err as the error of a request.
func AsError(t testing.TB, err error) *transport.Error {
	t.Helper()
	var e *transport.Error
	require.ErrorAs(t, err, &e)
	return e
}

// KindOf returns what the error of a request says can be done about it.
func KindOf(e *transport.Error) string {
	switch {
	case e.Configuration():
		return "configuration"
	case e.Temporary():
		return "temporary"
	}
	return "defect"
}

// IDRecords returns records with the ids from first to last.
func IDRecords(first, last int) []map[string]int {
	records := []map[string]int{}
	for id := first; id <= last; id++ {
		records = append(records, map[string]int{"id": id})
	}
	return records
}
