package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestAProxyThatRefusesTheTokenRequestIsAConfigurationError(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	defer proxy.Close()
	c, err := transport.New("https://api.example.com", transport.WithProxy(proxy.URL), transport.WithLogger(transporttest.Quiet),
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: "https://api.example.com/token", ClientID: "id", ClientSecret: "s3cret"})))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "the proxy")
	assert.True(t, transporttest.AsError(t, err).Configuration())
	assert.Equal(t, 1, transporttest.AsError(t, err).Attempts)
}
