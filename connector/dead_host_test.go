package connector_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
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
		text    string // of the failure, or "" for success
		kind    connector.Kind
	}{
		{"refused", always(dial(syscall.ECONNREFUSED)), "nothing listens at api.test:80: dial tcp: connection refused", connector.Configuration},
		{"reset", always(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), "api.test:80 closed the connection without a response", connector.Configuration},
		{"unknown", always(dial(&net.DNSError{Err: "no such host", Name: "api.test", IsNotFound: true})), "there is no host named api.test", connector.Configuration},
		{"unknown to a name server that is down", always(dial(&net.DNSError{Err: "server misbehaving", Name: "api.test"})), "the name api.test cannot be looked up", connector.Configuration},
		{"another certificate", always(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.test"}), "the certificate is not valid for api.test", connector.Configuration},
		{"silent", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "api.test:80 does not respond (interrupted: the source did not respond within 20s)", connector.Transient},
		{"connecting", func(r *http.Request) (*http.Response, error) {
			httptrace.ContextClientTrace(r.Context()).ConnectStart("tcp", "192.0.2.1:80")
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "api.test:80 does not answer (connecting to 192.0.2.1:80)", connector.Configuration},
		{"unreachable", func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(30 * time.Second):
				return nil, dial(errors.New("i/o timeout"))
			}
		}, "api.test:80 does not respond", connector.Transient},
		{"500 always", status(http.StatusInternalServerError).RoundTrip, "500 Internal Server Error", connector.Transient},
		{"limited for an hour", memorySource(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}).RoundTrip, "429 Too Many Requests: gave up: the source asks to wait 1h0m0s", connector.Transient},
		{"503 once", func(r *http.Request) (*http.Response, error) {
			if tries++; tries%2 == 1 {
				return status(http.StatusServiceUnavailable).RoundTrip(r)
			}
			return status(http.StatusOK).RoundTrip(r)
		}, "", 0},
	} {
		for _, in := range []string{"Test", "Open"} {
			t.Run(c.name+" in "+in, func(t *testing.T) {
				var longest time.Duration
				for range 10 { // the delays between retries are random
					synctest.Test(t, func(t *testing.T) {
						start := time.Now()
						source := connector.Connector(asking(auth.Bearer))
						if in == "Open" {
							source = &openingFirst{*asking(auth.Bearer)}
						}
						ctx := transport.NewContext(t.Context(), c.network)
						out, _ := answer(ctx, source, request(t, "test", "key-0123456789"), slog.DiscardHandler)
						longest = max(longest, time.Since(start))
						if c.text == "" {
							assert.Contains(t, out, "SUCCESS")
							return
						}
						assert.NotContains(t, out, "SUCCESS")
						if in == "Test" {
							assert.Contains(t, out, c.text)
						}
						assert.NotContains(t, out, "context")
						run := host.New(ctx, source, host.LogTo(slog.DiscardHandler))
						require.NoError(t, run.Configure([]byte(`{"key":"key-0123456789"}`)))
						err := run.Test()
						assert.Equal(t, c.kind, connector.KindOf(err), "%v", err)
						assert.NoError(t, run.Close())
					})
				}
				assert.LessOrEqual(t, longest, 30*time.Second)
			})
		}
	}
}

// openingFirst makes the request of its Test in Open.
type openingFirst struct{ scripted }

func (o *openingFirst) Open(ctx context.Context) error { return o.scripted.Test(ctx) }

func (o *openingFirst) Test(context.Context) error { return nil }

// The network is that of the machine, and the waits are in virtual time.
func TestATestOfAPortWhereNothingListensSaysSo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	synctest.Test(t, func(t *testing.T) {
		c := &scripted{test: func(ctx context.Context, _ *scripted) error {
			client, err := transport.New("http://" + address)
			if err != nil {
				return err
			}
			_, err = client.Do(ctx, transport.Request{Path: "/me"})
			return fmt.Errorf("read the account: %w", err)
		}}
		start := time.Now()
		run := host.New(transport.NewContext(t.Context(), &http.Transport{}), c, host.LogTo(slog.DiscardHandler))
		err := run.Test()
		assert.LessOrEqual(t, time.Since(start), 20*time.Second)
		assert.Equal(t, connector.Configuration, connector.KindOf(err))
		assert.Contains(t, run.Explain(err), "nothing listens at "+address+": dial tcp")
		assert.Contains(t, run.Explain(err), "check the address, and that the source is running")
		require.NoError(t, run.Close())
	})
}
