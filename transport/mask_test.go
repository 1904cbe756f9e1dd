package transport

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

func TestAMaskHidesSecretsInEverySpelling(t *testing.T) {
	m := &mask{secrets: redact.New([]string{"pass b&c", "pass bc"})}
	assert.Equal(t, "[redacted] [redacted] [redacted] [redacted] x", m.text("pass b&c pass+b%26c pass%20b&c pass bc x"))
	assert.Equal(t, "text", (*mask)(nil).text("text"))
}

func TestAMaskRemovesUserInformationAndHidesParametersInURLs(t *testing.T) {
	m := &mask{params: map[string]bool{"k": true}}
	u, err := url.Parse("https://user:pass@host/p?k=1&page_token=2&API-Key=3&client_secret=4&empty=&token=#frag")
	require.NoError(t, err)
	assert.Equal(t, "https://host/p?k=[redacted]&page_token=2&API-Key=[redacted]&client_secret=[redacted]&empty=&token=", m.url(u))
	assert.Empty(t, m.url(nil))
}

func TestAHeaderWhoseNameSuggestsACredentialIsSecret(t *testing.T) {
	for _, name := range []string{"Authorization", "cookie", "X-Api-Key", "X-Auth-Token", "x-shop-secret"} {
		assert.True(t, secretname.Header(name), name)
	}
	assert.False(t, secretname.Header("Accept"))
}
