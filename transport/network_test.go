package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestAnUnknownHostIsAConfigurationErrorAndNotRepeated(t *testing.T) {
	c, err := transport.New("http://host.invalid", transport.WithLogger(quiet), transport.WithRoundTripper(
		trips(func(r *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "host.invalid", IsNotFound: true}}
		})))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Path: "/x"})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
	assert.Equal(t, 1, asError(t, err).Attempts)
}

func TestACertificateThatIsNotValidIsAConfigurationErrorAndNotRepeated(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = silentLog
	srv.StartTLS()
	defer srv.Close()
	c, err := transport.New(srv.URL, transport.WithLogger(quiet))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
	assert.Equal(t, 1, asError(t, err).Attempts)
}

func TestAServerWithoutTLSIsAConfigurationErrorForHTTPS(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	c, err := transport.New("https"+strings.TrimPrefix(srv.URL, "http"), transport.WithLogger(quiet))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
}

func TestARefusedConnectionIsTemporaryAndRepeatedEvenForAPost(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	c, err := transport.New("http://"+addr, transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 3, Base: 1}))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Method: "POST"})
	e := asError(t, err)
	assert.Equal(t, "temporary", kindName(e))
	assert.Equal(t, 3, e.Attempts, "no request was sent, so a POST may be repeated")
	var op *net.OpError
	assert.ErrorAs(t, err, &op)
}

func TestWithTLSSetsTheCertificateAuthorityAndTheClientCertificate(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"certificates":%d}`, len(r.TLS.PeerCertificates))
	}))
	srv.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	srv.StartTLS()
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	c, err := transport.New(srv.URL, transport.WithTLS(&tls.Config{RootCAs: pool, Certificates: srv.TLS.Certificates, MinVersion: tls.VersionTLS10}))
	require.NoError(t, err)
	defer c.Close()
	n, err := transport.Get[int](ctx, c, transport.Request{RecordsAt: "certificates"})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestAServerWithTLS11IsAConfigurationError(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	srv.Config.ErrorLog = silentLog
	srv.StartTLS()
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	c, err := transport.New(srv.URL, transport.WithTLS(&tls.Config{RootCAs: pool}), transport.WithLogger(quiet))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Do(ctx, transport.Request{})
	assert.Equal(t, "configuration", kindName(asError(t, err)))
}

func TestWithProxySendsRequestsThroughTheProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%q", r.URL.String()) }))
	defer proxy.Close()
	c, err := transport.New("http://api.example.com", transport.WithProxy(proxy.URL), transport.WithConnections(1))
	require.NoError(t, err)
	defer c.Close()
	got, err := transport.Get[string](ctx, c, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Equal(t, "http://api.example.com/x", got)
}

func TestANetworkOptionThatIsNotValidIsAnErrorOfNew(t *testing.T) {
	for name, opts := range map[string][]transport.Option{
		"proxy": {transport.WithProxy("nowhere")}, "scheme": {transport.WithProxy("ftp://h")}, "tls": {transport.WithTLS(nil)},
		"connections": {transport.WithConnections(0)}, "contradiction": {transport.WithProxy(""), transport.WithRoundTripper(memory{})},
	} {
		_, err := transport.New("http://h", opts...)
		assert.Error(t, err, name)
	}
}
