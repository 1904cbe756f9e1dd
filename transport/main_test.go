package transport_test

import (
	"context"

	"fmt"
	"io"
	"iter"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory serves requests without a network, so that time can be virtual.
type memory struct{ http.Handler }

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
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

// trips makes a round tripper of a function.
type trips func(*http.Request) (*http.Response, error)

func (f trips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// serve starts a real server on loopback and a client for it.
func serve(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	opts = append([]transport.Option{transport.WithLogger(quiet)}, opts...)
	c, err := transport.New(srv.URL, opts...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// inMemory returns a client of a handler that is called without a network.
func inMemory(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	opts = append([]transport.Option{transport.WithLogger(quiet), transport.WithRoundTripper(memory{h})}, opts...)
	c, err := transport.New("https://api.example.com", opts...)
	require.NoError(t, err)
	return c
}

var quiet = slog.New(slog.DiscardHandler)

// record keeps log lines.
type logRecord struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logRecord) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logRecord) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logRecord) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// collect reads an iterator to its end.
func collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, e := range seq {
		if e != nil {
			return all, e
		}
		all = append(all, v)
	}
	return all, nil
}

type item struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// writeItems answers with the items from first to last, and more members.
func writeItems(w io.Writer, first, last int, more string) {
	var items []string
	for i := first; i <= last; i++ {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"n%d"}`, i, i))
	}
	fmt.Fprintf(w, `{"data":[%s]%s}`, strings.Join(items, ","), more)
}

func ids(items []item) []int64 {
	var out []int64
	for _, it := range items {
		out = append(out, it.ID)
	}
	return out
}

func upTo(n int64) []int64 {
	var out []int64
	for i := int64(1); i <= n; i++ {
		out = append(out, i)
	}
	return out
}

func asError(t testing.TB, err error) *transport.Error {
	t.Helper()
	var e *transport.Error
	require.ErrorAs(t, err, &e)
	return e
}

var ctx = context.Background()

var silentLog = log.New(io.Discard, "", 0)
