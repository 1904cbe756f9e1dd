package auth_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport/auth"
)

func FuzzParseTokenAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"tok-1","token_type":"Bearer","expires_in":3600.5,"refresh_token":"r"}`,
		`{"error":{"code":190,"message":"m"}}`, "access_token=a&expires_in=1e400", "\ufeff {}", "<html>", `{"access_token":`, `{"error":true}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := auth.ParseTokenAnswer(body)
		if err != nil {
			assert.Empty(t, a)
			return
		}
		assert.Equal(t, strings.TrimSpace(a.Access), a.Access)
		assert.Equal(t, strings.TrimSpace(a.Refresh), a.Refresh)
		assert.GreaterOrEqual(t, a.Lifetime, time.Duration(0))
		// A strict answer gives the same token.
		var strict struct {
			AccessToken string `json:"access_token"`
		}
		if json.Unmarshal(body, &strict) == nil && strings.HasPrefix(string(body), "{") {
			assert.Equal(t, strings.TrimSpace(strict.AccessToken), a.Access)
		}
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	for _, text := range []string{"-----BEGIN RSA PRIVATE KEY-----\\nMAA=\\n-----END RSA PRIVATE KEY-----", "-----BEGIN X-----", "{}", "MIIE", "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := auth.ParsePrivateKey(text)
		if err == nil {
			assert.NotNil(t, key)
			return
		}
		// The error consists of fixed words and of the label of a block.
		for _, word := range strings.Fields(text) {
			if len(word) > 25 {
				assert.NotContains(t, err.Error(), word)
			}
		}
	})
}
