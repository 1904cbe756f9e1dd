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
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestRetryAfterIsObeyedAndDoesNotCountAsAnAttempt(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "30" },
		"date":    func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, n := time.Now(), 0
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					// This is more often than Attempts allows.
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

func TestARequestFailsAfterTheLastAttempt(t *testing.T) {
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

func TestAWaitBeyondElapsedIsNotStarted(t *testing.T) {
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
		assert.Equal(t, 80*time.Second, time.Since(start), "a wait that would end too late is not started")
		assert.ErrorContains(t, err, "limit of 1m40s")
	})
}

func TestAWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		})
		start := time.Now()
		cctx, cancel := context.WithCancelCause(ctx)
		time.AfterFunc(5*time.Second, func() { cancel(errors.New("the user stopped")) })
		_, err := c.Do(cctx, transport.Request{Path: "/x"})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.False(t, asError(t, err).Temporary())
		assert.EqualError(t, err, "GET https://api.example.com/x: 429 Too Many Requests: interrupted: the user stopped")
	})
}

func TestAWaitBeyondTheDeadlineOfTheContextFailsAtOnceWithTheLastFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
			_, _ = io.WriteString(w, "slow down")
		})
		start := time.Now()
		tctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err := c.Do(tctx, transport.Request{Path: "/x"})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, time.Since(start))
		assert.True(t, asError(t, err).Temporary())
		assert.EqualError(t, err, "GET https://api.example.com/x: 429 Too Many Requests: "+
			"gave up: the source asks to wait 10m0s, which would exceed the time that is left for this operation: slow down")
	})
}

func TestARequestIsRepeatedOnlyIfThatIsSafe(t *testing.T) {
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
					assert.Equal(t, `{"a":1}`, string(b), "each attempt sends the whole body")
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

func TestA403WithRetryAfterIsRepeated(t *testing.T) {
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

func TestAFailureOfARoundTripperIsRepeated(t *testing.T) {
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

// A proxy's client library may use the errors of package retry, or have methods of its
// own. What they mean there does not decide whether this request is repeated.
func TestAMarkOnTheErrorOfARoundTripperDoesNotDecideAboutTheRequest(t *testing.T) {
	broken := errors.New("the proxy is broken")
	for name, failure := range map[string]error{
		"permanent": retry.Permanent(broken), "asks to wait": retry.After(broken, time.Hour), "configuration": misconfigured{broken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c := inMemory(t, nil, transport.WithRoundTripper(trips(func(*http.Request) (*http.Response, error) { n++; return nil, failure })))
				_, err := c.Do(ctx, transport.Request{})
				assert.ErrorIs(t, err, broken)
				assert.Equal(t, 8, asError(t, err).Attempts)
				assert.Equal(t, 8, n)
				assert.Equal(t, "temporary", kindName(asError(t, err)))
			})
		})
	}
}

// misconfigured is an error with the method that marks errors of the configuration.
type misconfigured struct{ error }

func (misconfigured) Configuration() bool { return true }
func (m misconfigured) Unwrap() error     { return m.error }
