package connector_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

type networkFunc func(r *http.Request) (*http.Response, error)

func (f networkFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A person is waiting for the result of the test.
func TestATestOfADeadHostEndsWithinHalfAMinute(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	always := func(err error) networkFunc {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	status := func(code int) memorySource {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(`{}`))
		}
	}
	tries := 0
	for _, c := range []struct {
		name    string
		network networkFunc
		good    bool
	}{
		{"refused", always(dial(syscall.ECONNREFUSED)), false},
		{"reset", always(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), false},
		{"silent", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, false},
		{"unreachable", func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(30 * time.Second):
				return nil, dial(errors.New("i/o timeout"))
			}
		}, false},
		{"500 always", status(http.StatusInternalServerError).RoundTrip, false},
		{"503 once", func(r *http.Request) (*http.Response, error) {
			if tries++; tries%2 == 1 {
				return status(http.StatusServiceUnavailable).RoundTrip(r)
			}
			return status(http.StatusOK).RoundTrip(r)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var longest time.Duration
			for range 10 { // the delays between retries are random
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					out, _ := answer(transport.NewContext(t.Context(), c.network), asking(auth.Bearer), request(t, "test", "key-0123456789"), slog.DiscardHandler)
					longest = max(longest, time.Since(start))
					if c.good {
						assert.Contains(t, out, "SUCCESS")
					} else {
						assert.NotContains(t, out, "SUCCESS")
					}
				})
			}
			assert.LessOrEqual(t, longest, 30*time.Second)
		})
	}
}
