package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestTheLogDescribesEachAttemptWithoutSecretsQueriesHeadersAndRecords(t *testing.T) {
	var log logRecord
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(500)
		}
		_, _ = io.WriteString(w, `{"data":[{"id":1,"name":"row-value"}],"next":null}`)
	}, transport.WithAuth(auth.Bearer("s3cret-token")), transport.WithLogger(log.Logger()), transport.WithRetry(retry.Policy{Base: 1}))
	_, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/orders", RecordsAt: "data", Query: url.Values{"q": {"query-value"}},
		Header: http.Header{"X-H": {"header-value"}}}, paging.NextURL{At: "next"}))
	require.NoError(t, err)
	text := log.String()
	for _, want := range []string{"method=GET", "path=/orders", "status=500", "status=200", "attempt=2", "duration=", "bytes=50",
		"waiting before the next attempt", `reason="500 Internal Server Error"`, "paging stopped", `reason="next is null"`} {
		assert.Contains(t, text, want)
	}
	for _, not := range []string{"s3cret", "query-value", "header-value", "row-value"} {
		assert.NotContains(t, text, not)
	}
}

func TestTheLogOfAFailureHasNoBody(t *testing.T) {
	var log logRecord
	for _, body := range []string{`{"data":"row-value"}`, `row-value`, `{"data":[{"id":"row-value"}]}`, `{"error":"row-value"}`, `<html>row-value`} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, body) }, transport.WithLogger(log.Logger()))
		_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data", ErrorAt: "error"}, nil))
		assert.Error(t, err)
		_, err = transport.Get[item](ctx, c, transport.Request{RecordsAt: "data"})
		assert.Error(t, err)
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{At: "data"}))
		assert.Error(t, err)
	}
	assert.Contains(t, log.String(), "error=")
	assert.NotContains(t, log.String(), "row-value")
}

func TestTheLogHasTheDurationOfEachPhaseOfAnAttempt(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	var log logRecord
	c, err := transport.New(srv.URL, transport.WithLogger(log.Logger()), transport.WithTLS(&tls.Config{RootCAs: roots}))
	require.NoError(t, err)
	defer c.Close()
	for range 2 {
		_, err = c.Do(ctx, transport.Request{Path: "/x"})
		require.NoError(t, err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	for _, part := range []string{" connect=", " tls=", " first_byte="} {
		assert.Contains(t, lines[0], part)
	}
	assert.Contains(t, lines[1], " first_byte=")
	for _, part := range []string{" connect=", " tls="} {
		assert.NotContains(t, lines[1], part, "the connection is reused")
	}
}
