package transport_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// proxied returns a client of a source that is reached through a proxy.
func proxied(t *testing.T, base, proxy string, opts ...transport.Option) *transport.Client {
	t.Helper()
	c, err := transport.New(base, append(opts, transport.WithProxy(proxy), transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 3, Base: 1}))...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestARefusalOfTheProxyIsAConfigurationErrorThatNamesTheProxy(t *testing.T) {
	for _, tt := range []struct{ status, attempts int }{{407, 1}, {403, 1}, {401, 1}, {404, 1}, {405, 1}, {502, 3}, {503, 3}} {
		n := 0
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n++
			assert.Equal(t, http.MethodConnect, r.Method)
			assert.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("user:s3cret-p")), r.Header.Get("Proxy-Authorization"))
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, "s3cret-p")
		}))
		at, err := url.Parse(proxy.URL)
		require.NoError(t, err)
		at.User = url.UserPassword("user", "s3cret-p")
		_, err = proxied(t, "https://api.example.com", at.String()).Do(ctx, transport.Request{Method: "POST"})
		proxy.Close()
		e := asError(t, err)
		assert.Equal(t, "configuration", kindName(e), "%d", tt.status)
		assert.ErrorContains(t, err, fmt.Sprintf("the proxy %s refuses to connect to api.example.com:443: %d", at.Host, tt.status))
		assert.NotContains(t, err.Error(), "s3cret")
		assert.Equal(t, tt.attempts, e.Attempts, "%d", tt.status)
		assert.Equal(t, tt.attempts, n)
	}
}

func TestARequestWithoutTLSThatTheProxyRefusesIsAConfigurationError(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	defer proxy.Close()
	_, err := proxied(t, "http://api.example.com", proxy.URL).Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "407 Proxy Authentication Required")
	assert.True(t, asError(t, err).Configuration())
}

func TestAProxyThatCannotBeReachedIsNamedInTheError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	for _, base := range []string{"https://api.example.com", "http://api.example.com"} {
		_, err = proxied(t, base, "http://user:s3cret-p@"+addr).Do(ctx, transport.Request{Method: "POST"})
		assert.ErrorContains(t, err, "cannot connect to the proxy: dial tcp "+addr)
		assert.NotContains(t, err.Error(), "s3cret")
		assert.Equal(t, "temporary", kindName(asError(t, err)))
		assert.Equal(t, 3, asError(t, err).Attempts, "nothing was sent, so a POST may be repeated")
	}
}

func TestASOCKSProxyThatRefusesIsAConfigurationError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var n atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			_, _ = bufio.NewReader(conn).Peek(3)
			_, _ = conn.Write([]byte{5, 0xff}) // no acceptable method (RFC 1928 §3)
			_ = conn.Close()
		}
	}()
	_, err = proxied(t, "https://api.example.com", "socks5://user:s3cret-p@"+l.Addr().String()).Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "the SOCKS proxy cannot connect to the source")
	assert.NotContains(t, err.Error(), "s3cret")
	assert.Equal(t, "configuration", kindName(asError(t, err)))
	assert.Equal(t, int32(1), n.Load())
}

func TestAProxyURLThatIsNotValidIsAConfigurationErrorWithoutItsPassword(t *testing.T) {
	for _, proxy := range []string{"nowhere", "ftp://user:s3cret@h", "http://user:s3cr et@h", "http://user:s3cret@", "user:s3cret@h:3128", "http://h:s3cret"} {
		_, err := transport.New("https://h", transport.WithProxy(proxy))
		require.Error(t, err, proxy)
		assert.True(t, asError(t, err).Configuration(), proxy)
		assert.NotContains(t, err.Error(), "s3cr")
	}
}

// The error of net/http quotes the URL with its password.
func TestAnInvalidProxyInTheEnvironmentIsAConfigurationErrorWithoutItsPassword(t *testing.T) {
	standard := http.DefaultTransport.(*http.Transport)
	proxy := standard.Proxy
	defer func() { standard.Proxy = proxy }()
	standard.Proxy = func(*http.Request) (*url.URL, error) {
		return nil, fmt.Errorf("invalid proxy address %q", "http://user:s3cret-p@ proxy")
	}
	c, err := transport.New("https://api.example.com", transport.WithLogger(quiet), transport.WithConnections(1))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "HTTPS_PROXY")
	assert.NotContains(t, err.Error(), "s3cret")
	assert.True(t, asError(t, err).Configuration())
	assert.Equal(t, 1, asError(t, err).Attempts)
}
