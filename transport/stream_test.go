package transport_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

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
