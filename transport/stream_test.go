package transport_test

import (
	"context"
	"io"
	"net/http"
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

func TestARecordOfAStreamThatIsTooLargeIsAnError(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// The limit applies to each record, not to the response.
		_, _ = io.WriteString(w, "["+strings.Repeat(`{"id":1},`, 100_000)+`{"name":"`+strings.Repeat("x", 300_000)+`"}]`)
	}, transport.WithMaxBody(100_000))
	got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}))
	assert.ErrorIs(t, err, transport.ErrTooLarge)
	assert.Len(t, got, 100_000)
	assert.Equal(t, "defect", kindName(asError(t, err)))
}

func TestAStreamIsRepeatedUntilItsResponseBegins(t *testing.T) {
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
}

func TestATruncatedStreamIsATemporaryErrorThatNamesTheLastRecord(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "{\"id\":1}\n{\"id\":2}\n")
	})
	got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}))
	assert.Equal(t, upTo(2), ids(got))
	assert.ErrorIs(t, err, transport.ErrCut)
	assert.Equal(t, "temporary", kindName(asError(t, err)))
	assert.ErrorContains(t, err, "after record 2")
}

func TestAWebPageInPlaceOfAStreamIsAConfigurationError(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>Sign in")
	})
	_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
	assert.Equal(t, "configuration", kindName(asError(t, err)))
	assert.ErrorContains(t, err, "Sign in")
}

func TestARefusedStreamIsAConfigurationError(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) })
	_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
	assert.Equal(t, "configuration", kindName(asError(t, err)))
}

func TestAnIgnoredStreamHasNoRecords(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, transport.WithRules(transport.Rule{Status: 404, Do: transport.DoIgnore}))
	got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.CSV{}))
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestAStreamWithRecordsAtOrWithoutAFormatIsAnError(t *testing.T) {
	c := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	_, err := collect(transport.Stream[item](ctx, c, transport.Request{RecordsAt: "x"}, format.CSV{}))
	assert.ErrorContains(t, err, "must be empty")
	_, err = collect(transport.Stream[item](ctx, c, transport.Request{}, nil))
	assert.ErrorContains(t, err, "no format")
}

func TestARecordOfAStreamThatDoesNotFitIsADefect(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `[{"id":1},{"id":"x"}]`) })
	_, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{}))
	assert.Equal(t, "defect", kindName(asError(t, err)))
}

func TestLeavingAStreamEndsItsRequest(t *testing.T) {
	closed := make(chan bool, 2)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "{\"id\":1}\n")
		}
		closed <- true
	}, transport.WithLimit(ratelimit.Limit{Concurrent: 1}))
	for range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
		for range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
			break // the limit does not delay a request within a stream
		}
		break
	}
	assert.True(t, <-closed)
	assert.True(t, <-closed)
}

func TestCancelingTheContextEndsAStream(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "{\"id\":1}\n")
		}
	})
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
}

func TestAPanicInTheLoopOfAStreamEndsItsRequest(t *testing.T) {
	closed := make(chan bool, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{\"id\":1}\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		closed <- true
	})
	assert.PanicsWithValue(t, "of the caller", func() {
		for range transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}) {
			panic("of the caller")
		}
	})
	assert.True(t, <-closed)
}

func TestAStreamWaitsAsLongAsTheSourceAsks(t *testing.T) {
	for status, header := range map[int]http.Header{
		503: {"Retry-After": {"120"}}, 429: {"Ratelimit": {`"a";r=9;t=1, "b";r=0;t=120`}}, 403: {"X-Ratelimit-Reset": {"120"}}, 500: {"Retry-After": {"120"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			start, requests := time.Now(), 0
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				if requests++; time.Since(start) < 2*time.Minute {
					setHeader(w, header)
					w.WriteHeader(status)
					return
				}
				_, _ = io.WriteString(w, `{"id":1}`)
			})
			got, err := collect(transport.Stream[item](ctx, c, transport.Request{}, format.NDJSON{}))
			require.NoError(t, err)
			assert.Equal(t, upTo(1), ids(got))
			assert.Equal(t, 2, requests, status)
			assert.Equal(t, 2*time.Minute, time.Since(start))
		})
	}
}
