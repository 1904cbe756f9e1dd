package transport_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/retry"
)

var (
	refusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	resetRead   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
)

// silent never responds.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func respond(r *http.Request, status int) (*http.Response, error) {
	return &http.Response{StatusCode: status, Request: r, ContentLength: 1, Body: io.NopCloser(strings.NewReader("1"))}, nil
}

// took returns how long a request takes in virtual time, and its error.
func took(t *testing.T, rt trips, req transport.Request, opts ...transport.Option) (d time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, e := transport.New("http://api.test", append([]transport.Option{transport.WithRoundTripper(rt), transport.WithLogger(quiet)}, opts...)...)
		require.NoError(t, e)
		start := time.Now()
		_, err = c.Do(t.Context(), req)
		d = time.Since(start)
	})
	return d, err
}

func TestASourceThatHasNeverRespondedIsGivenUpAfterAMinute(t *testing.T) {
	slowDial := trips(func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(30 * time.Second):
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("i/o timeout")}
		}
	})
	for name, tt := range map[string]struct {
		network trips
		opts    []transport.Option
		text    string
	}{
		"refused":        {network: func(*http.Request) (*http.Response, error) { return nil, refusedDial }, text: "nothing listens at api.test:80: dial tcp: connection refused"},
		"reset":          {network: func(*http.Request) (*http.Response, error) { return nil, resetRead }, text: "api.test:80 closed the connection without a response"},
		"silent":         {network: silent, text: "api.test:80 does not respond: no complete response in time: 1m0s"},
		"no way there":   {network: slowDial, text: "api.test:80 does not respond: no complete response in time: 30s (gave up: the source has not responded within 1m0s; set retry.Policy.Elapsed to wait longer) (tried 2 times)"},
		"short attempts": {network: silent, opts: []transport.Option{transport.WithTimeout(25 * time.Second)}, text: "no complete response in time"},
		"other policies": {network: silent, opts: []transport.Option{transport.WithTimeout(20 * time.Second), transport.WithRetry(retry.Policy{Attempts: 5, Base: time.Millisecond, Max: time.Second})}, text: "the source has not responded within 1m0s; set retry.Policy.Elapsed"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 10 { // waits are random
				d, err := took(t, tt.network, transport.Request{}, tt.opts...)
				assert.LessOrEqual(t, d, time.Minute)
				assert.ErrorContains(t, err, tt.text)
				assert.True(t, asError(t, err).Temporary())
				assert.Equal(t, name == "refused" || name == "reset", asError(t, err).Unreachable())
			}
		})
	}
}

func TestTheLimitsOfThePolicyApplyToASourceThatHasResponded(t *testing.T) {
	for name, first := range map[string]int{"200": 200, "500": 500} {
		t.Run(name, func(t *testing.T) {
			n := 0
			network := trips(func(r *http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return respond(r, first)
				}
				return silent(r)
			})
			synctest.Test(t, func(t *testing.T) {
				c, err := transport.New("http://api.test", transport.WithRoundTripper(network), transport.WithLogger(quiet))
				require.NoError(t, err)
				start := time.Now()
				if first == 200 {
					_, err = c.Do(ctx, transport.Request{})
					require.NoError(t, err)
				}
				_, err = c.Do(ctx, transport.Request{})
				assert.Equal(t, 8, asError(t, err).Attempts)
				assert.Greater(t, time.Since(start), 7*time.Minute)
				assert.False(t, asError(t, err).Unreachable())
				assert.ErrorIs(t, err, transport.ErrTimeout)
			})
		})
	}
}

func TestALimitThatTheAuthorSetsAppliesFromTheFirstRequestOn(t *testing.T) {
	d, err := took(t, silent, transport.Request{}, transport.WithTimeout(5*time.Minute))
	assert.Equal(t, 5*time.Minute, d)
	assert.Equal(t, 1, asError(t, err).Attempts)
	d, err = took(t, silent, transport.Request{Timeout: 2 * time.Minute})
	assert.Equal(t, 2*time.Minute, d)
	assert.ErrorIs(t, err, transport.ErrTimeout)
	for _, policy := range []retry.Policy{{Elapsed: 10 * time.Minute}, {Elapsed: -1}, {Attempts: 9}, {Base: time.Second}, {Max: time.Hour}} {
		d, err = took(t, silent, transport.Request{}, transport.WithRetry(policy))
		assert.Greater(t, d, 5*time.Minute)
		assert.ErrorIs(t, err, transport.ErrTimeout)
	}
}

// The first response begins shortly before the minute has passed.
func TestTheFirstResponseHasItsWholeTimeout(t *testing.T) {
	for name, read := range map[string]func(*transport.Client) error{
		"do": func(c *transport.Client) error {
			got, err := transport.Get[int](ctx, c, transport.Request{})
			assert.Equal(t, 7, got)
			return err
		},
		"stream": func(c *transport.Client) error {
			got, err := collect(transport.Stream[int](ctx, c, transport.Request{}, format.NDJSON{}))
			assert.Equal(t, []int{7}, got)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
					if n++; n == 1 {
						time.Sleep(30 * time.Second)
						return nil, refusedDial
					}
					time.Sleep(20 * time.Second)
					return &http.Response{StatusCode: 200, ContentLength: -1, Body: &late{r.Context(), strings.NewReader("7")}}, nil
				})))
				require.NoError(t, err)
				start := time.Now()
				require.NoError(t, read(c))
				assert.Greater(t, time.Since(start), 80*time.Second)
			})
		})
	}
}

// late is a body that arrives after half a minute.
type late struct {
	ctx  context.Context
	text *strings.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if l.text.Len() > 0 {
		select {
		case <-l.ctx.Done():
			return 0, l.ctx.Err()
		case <-time.After(30 * time.Second):
		}
	}
	return l.text.Read(p)
}

func (l *late) Close() error { return nil }

func TestAStreamThatNeverBeginsIsGivenUpAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := transport.New("http://api.test", transport.WithLogger(quiet), transport.WithTimeout(40*time.Second), transport.WithRoundTripper(trips(silent)))
		require.NoError(t, err)
		start := time.Now()
		_, err = collect(transport.Stream[int](ctx, c, transport.Request{}, format.NDJSON{}))
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.LessOrEqual(t, time.Since(start), time.Minute)
	})
}

func TestTheLastFailureIsInTheErrorOfACallThatItsContextEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		network     trips
		text        string
		kind        string
		unreachable bool
	}{
		"refused":       {func(*http.Request) (*http.Response, error) { return nil, refusedDial }, "nothing listens at api.test:80", "temporary", true},
		"500":           {func(r *http.Request) (*http.Response, error) { return respond(r, 500) }, "500 Internal Server Error: gave up", "temporary", false},
		"first silence": {silent, "api.test:80 does not respond (interrupted: the form is waiting)", "temporary", false},
		"500, then silence": {func() trips {
			n := 0
			return func(r *http.Request) (*http.Response, error) {
				if n++; n%3 != 0 {
					return respond(r, 500)
				}
				return silent(r)
			}
		}(), "500 Internal Server Error: interrupted: the form is waiting", "temporary", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := transport.New("http://api.test", transport.WithRoundTripper(tt.network), transport.WithLogger(quiet),
					transport.WithRetry(retry.Policy{Attempts: 1000}))
				require.NoError(t, err)
				limited, cancel := context.WithTimeoutCause(ctx, 20*time.Second, errors.New("the form is waiting"))
				defer cancel()
				start := time.Now()
				_, err = c.Do(limited, transport.Request{Path: "/me"})
				assert.LessOrEqual(t, time.Since(start), 20*time.Second)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.ErrorContains(t, err, tt.text)
				assert.NotContains(t, err.Error(), "deadline exceeded")
				assert.Equal(t, tt.kind, kindName(asError(t, err)))
				assert.Equal(t, tt.unreachable, asError(t, err).Unreachable())
			})
		})
	}
}

// These are the errors that a user reads who has entered a wrong address.
func TestAFailureOfTheNetworkIsDescribedInWords(t *testing.T) {
	notHTTP := listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n") })
	closes := listen(t, func(net.Conn) {})
	unused := listen(t, func(net.Conn) {})
	require.NoError(t, unused.Close())
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = silentLog
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	failing := func(err error) trips { return func(*http.Request) (*http.Response, error) { return nil, err } }
	host := func(u string) string { _, h, _ := strings.Cut(u, "//"); return h }

	for name, tt := range map[string]struct {
		url     string
		network trips
		text    string
		kind    string
	}{
		"refused":           {"http://" + unused.Addr().String(), nil, "nothing listens at " + unused.Addr().String() + ": dial tcp", "temporary"},
		"closed":            {"http://" + closes.Addr().String(), nil, closes.Addr().String() + " closed the connection without a response", "temporary"},
		"not HTTP":          {"http://" + notHTTP.Addr().String(), nil, notHTTP.Addr().String() + " does not speak HTTP", "temporary"},
		"not TLS":           {strings.Replace(plain.URL, "http:", "https:", 1), nil, host(plain.URL) + " does not speak TLS", "configuration"},
		"unknown authority": {secure.URL, nil, "the certificate of 127.0.0.1 is signed by an unknown authority", "configuration"},
		"another name":      {"https://api.test", failing(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"example.com"}}, Host: "api.test"}), "the certificate is not valid for api.test: x509:", "configuration"},
		"expired":           {"https://api.test", failing(x509.CertificateInvalidError{Reason: x509.Expired}), "the certificate of api.test has expired or is not valid yet", "configuration"},
		"no such host":      {"https://api.test", failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.test", IsNotFound: true}}), "there is no host named api.test: dial", "configuration"},
		"no name server":    {"https://api.test", failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "api.test", IsTemporary: true}}), "the name api.test cannot be looked up", "temporary"},
		"no route":          {"https://[2001:db8::1]", failing(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}), "there is no route to [2001:db8::1]:443", "temporary"},
		"TLS alert":         {"https://api.test", failing(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), "api.test:443 refuses the TLS connection: remote error: tls: certificate required", "configuration"},
		"handshake":         {"https://api.test", failing(errors.New("net/http: TLS handshake timeout")), "api.test:443 does not complete the TLS handshake", "temporary"},
		"proxy":             {"https://api.test", failing(&net.OpError{Op: "proxyconnect", Err: refusedDial}), "cannot connect to the proxy", "temporary"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := []transport.Option{transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 1})}
			if tt.network != nil {
				opts = append(opts, transport.WithRoundTripper(tt.network))
			}
			c, err := transport.New(tt.url, opts...)
			require.NoError(t, err)
			_, err = c.Do(t.Context(), transport.Request{})
			assert.ErrorContains(t, err, tt.text)
			assert.Equal(t, tt.kind, kindName(asError(t, err)))
			assert.Equal(t, !strings.Contains(tt.text, "certificate") && name != "not TLS" && name != "TLS alert", asError(t, err).Unreachable())
			c.Close()
		})
	}
}

// The login fails, also when the limit for the first response has cut off its last attempt.
func TestTheFailureOfALoginIsDescribedInWords(t *testing.T) {
	for name, credentials := range map[string]transport.Auth{
		"login": auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
			token, err := transport.Get[string](ctx, c, transport.Request{Path: "/token"})
			return auth.AccessToken{Value: token}, err
		}}),
		"OAuth2": auth.OAuth2(auth.OAuth2Config{ClientID: "id", ClientSecret: "secret-0123456789", TokenURL: "http://api.test/token"}),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := took(t, func(*http.Request) (*http.Response, error) { return nil, refusedDial }, transport.Request{}, transport.WithAuth(credentials))
			assert.LessOrEqual(t, d, time.Minute)
			assert.ErrorContains(t, err, "nothing listens at api.test:80: dial tcp: connection refused")
			assert.True(t, asError(t, err).Temporary())
			assert.True(t, asError(t, err).Unreachable())
		})
	}
}

// listen serves connections with f until the test ends.
func listen(t *testing.T, f func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1<<10))
			f(c)
			_ = c.Close()
		}
	}()
	return l
}

// The host accepts the connection and then sends nothing.
func TestTheErrorOfARequestWithoutAResponseNamesItsStage(t *testing.T) {
	release := make(chan struct{})
	hangs := listen(t, func(net.Conn) { <-release })
	c, err := transport.New("http://"+hangs.Addr().String(), transport.WithLogger(quiet), transport.WithTimeout(200*time.Millisecond), transport.WithRetry(retry.Policy{Attempts: 1}))
	require.NoError(t, err)
	_, err = c.Do(t.Context(), transport.Request{})
	close(release)
	assert.ErrorContains(t, err, hangs.Addr().String()+" accepts the connection but does not respond: no complete response in time")
	assert.ErrorIs(t, err, transport.ErrTimeout)
	c.Close()
}

// halting returns a response whose body begins and never ends.
func halting(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Request: r,
		Body: io.NopCloser(io.MultiReader(strings.NewReader("[1,"), readFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		})))}, nil
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// The host that is silent is that of the token endpoint.
func TestTheErrorNamesTheHostThatDoesNotRespond(t *testing.T) {
	oauth := auth.OAuth2(auth.OAuth2Config{ClientID: "id", ClientSecret: "secret-0123456789", TokenURL: "https://login.test/token"})
	login := auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
		token, err := transport.Get[string](ctx, c, transport.Request{Path: "https://login.test/token"})
		return auth.AccessToken{Value: token}, err
	}})
	for name, tt := range map[string]struct {
		auth    transport.Auth
		network trips
		want    string
	}{
		"OAuth2":                  {oauth, silent, "login.test:443 does not respond"},
		"login":                   {login, silent, "login.test:443 does not respond"},
		"OAuth2, in the middle":   {oauth, halting, "login.test:443 began to respond but did not complete the response"},
		"login, in the middle":    {login, halting, "login.test:443 began to respond but did not complete the response"},
		"no login":                {nil, silent, "api.test:80 does not respond"},
		"no login, in the middle": {nil, halting, "api.test:80 began to respond but did not complete the response"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := transport.New("http://api.test", transport.WithRoundTripper(tt.network), transport.WithLogger(quiet), transport.WithAuth(tt.auth))
				require.NoError(t, err)
				limited, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errors.New("the form is waiting"))
				defer cancel()
				_, err = c.Do(limited, transport.Request{Path: "/me"})
				assert.ErrorContains(t, err, tt.want)
				assert.ErrorContains(t, err, "the form is waiting")
				assert.NotContains(t, err.Error(), "context")
				assert.True(t, asError(t, err).Temporary())
			})
		})
	}
}

// The token endpoint has responded, so the address is right.
func TestATokenEndpointThatRespondsSlowlyIsAskedAsOftenAsThePolicyAllows(t *testing.T) {
	oauth := auth.OAuth2(auth.OAuth2Config{ClientID: "id", ClientSecret: "secret-0123456789", TokenURL: "https://login.test/token"})
	_, err := took(t, func(r *http.Request) (*http.Response, error) {
		time.Sleep(10 * time.Second)
		return respond(r, 500)
	}, transport.Request{}, transport.WithAuth(oauth))
	assert.Equal(t, 8, asError(t, err).Attempts)
	assert.NotContains(t, err.Error(), "gave up")

	n := 0
	d, err := took(t, func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "login.test" {
			return silent(r)
		}
		if n++; n < 5 {
			time.Sleep(20 * time.Second)
			return respond(r, 500)
		}
		resp, err := respond(r, 200)
		resp.Body = io.NopCloser(strings.NewReader(`{"access_token":"t-0123456789","token_type":"Bearer"}`))
		return resp, err
	}, transport.Request{}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{ClientID: "id-2", ClientSecret: "secret-0123456789", TokenURL: "https://login.test/token"})))
	assert.ErrorContains(t, err, "api.test:80 does not respond: no complete response in time: 1m0s (gave up")
	assert.Less(t, d, 3*time.Minute)
}
