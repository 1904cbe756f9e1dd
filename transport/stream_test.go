package transport_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestRecordThatIsTooLarge(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// Many small records are fine; one large one is not.
		_, _ = io.WriteString(w, "["+strings.Repeat(`{"id":1},`, 100_000)+`{"name":"`+strings.Repeat("x", 300_000)+`"}]`)
	}, transport.WithMaxBody(100_000))
	got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}))
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
		}, transport.WithRetry(retry.Policy{Base: 1}))
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{Path: "/x"}, format.NDJSON{}))
		require.NoError(t, err)
		assert.Equal(t, upTo(2), ids(got))
	})
	t.Run("cut", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{\"id\":1}\n{\"id\":2}\n")
		})
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}))
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
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
		assert.Equal(t, "configuration", kindName(asError(t, err)))
		assert.ErrorContains(t, err, "Sign in")
	})
	t.Run("refused", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) })
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
		assert.Equal(t, "configuration", kindName(asError(t, err)))
	})
	t.Run("ignored and misused", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, transport.WithRules(transport.Rule{Status: 404, Do: transport.DoIgnore}))
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
		assert.NoError(t, err)
		assert.Empty(t, got)
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{RecordsAt: "x"}, format.CSV{}))
		assert.ErrorContains(t, err, "must be empty")
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{}, nil))
		assert.ErrorContains(t, err, "no format")
	})
	t.Run("a wrong record", func(t *testing.T) {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"id":1},{"id":"x"}]`) })
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}))
		assert.Equal(t, "defect", kindName(asError(t, err)))
	})
	t.Run("left early", func(t *testing.T) {
		closed := make(chan bool, 3)
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "{\"id\":1}\n")
			}
			closed <- true
		}, transport.WithLimit(ratelimit.Limit{Concurrent: 1}))
		for range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
			for range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
				break // a request within a stream doesn't wait for it
			}
			break
		}
		assert.True(t, <-closed)
		assert.True(t, <-closed)
		cctx, cancel := context.WithCancel(ctx)
		defer cancel()
		n := 0
		for _, err := range transport.Stream[item](cctx, c, transport.Request{}, format.NDJSON{}) {
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
		for _, err = range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
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
	for it, err := range transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}) {
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
