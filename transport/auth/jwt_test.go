package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// rsaKey returns the key of all tests, because making a key takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// privateKey returns rsaKey in PEM.
func privateKey() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())}))
}

func TestAnAssertionIsExchangedOnceForAllRequests(t *testing.T) {
	url, calls := tokenServer(t, func(f map[string]string) (int, string) {
		assert.Equal(t, "urn:ietf:params:oauth:grant-type:jwt-bearer", f["grant_type"])
		assert.Len(t, strings.Split(f["assertion"], "."), 3)
		return 200, `{"access_token":"a","token_type":"Bearer","expires_in":3600}`
	})
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(403)
		}
	}, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: url, Issuer: "svc@example.com", PrivateKey: privateKey()})))
	for range 3 {
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, calls.Load())
}

// Single-line forms and environment variables change the line breaks of a key.
func TestAPastedPrivateKeyWorksOrIsAConfigurationError(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	require.NoError(t, err)
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	breaks := func(by string) string { return strings.ReplaceAll(key, "\n", by) }
	knownfault.Run(t, []string{`line breaks as \n`, "line breaks as spaces", "indented", "not a key"}, func(t *knownfault.T) {
		for name, text := range map[string]string{
			"unchanged":             key,
			`line breaks as \n`:     breaks(`\n`),
			"line breaks as spaces": breaks(" "),
			"line breaks as CRLF":   breaks("\r\n"),
			"indented":              "  " + breaks("\n  "),
			"no final line break":   strings.TrimSpace(key),
			"not a key":             "not a key",
			"a public key":          strings.ReplaceAll(key, "PRIVATE", "PUBLIC"),
		} {
			t.Run(name, func(t *knownfault.T) {
				client := transporttest.InMemory(t, tokenEndpoint(`{"access_token":"tok-1","token_type":"Bearer","expires_in":3600}`),
					transport.WithRetry(retry.Policy{Base: time.Millisecond}),
					transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: tokenURL, Issuer: "robot@example.test", PrivateKey: text})))
				_, err := client.Do(ctx, transport.Request{})
				if err != nil {
					assert.True(t, transporttest.AsError(t, err).Configuration(), "not a configuration error: %v", err)
					assert.Contains(t, strings.ToLower(err.Error()), "key")
				}
			})
		}
	})
}
