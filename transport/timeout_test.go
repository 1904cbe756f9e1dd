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
)

func TestAnAttemptThatTakesTooLongIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		rt := trips(func(r *http.Request) (*http.Response, error) {
			n++
			switch n {
			case 1: // no header in time
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

// stalled is a body that never arrives.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }

func (stalled) Close() error { return nil }

func TestAStreamFailsIfItsSourceIsSilentForTooLong(t *testing.T) {
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
				time.Sleep(time.Hour) // a slow caller does not count as a silent source
			}
		}
		assert.Equal(t, 100, got)
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.Equal(t, "temporary", kindName(asError(t, err)))
		assert.Equal(t, time.Hour+110*time.Second, time.Since(start))
	})
}

// drip is a body with a line per second of virtual time. It is silent after the last
// line.
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
