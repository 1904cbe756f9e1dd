package auth_test

import (
	"fmt"
	"net/http"
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

// tokenAnswer serves answer as the answer of the token endpoint, and an object with
// the member "auth", which is the credential that was sent, for all other requests.
func tokenAnswer(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			fmt.Fprint(w, answer)
			return
		}
		fmt.Fprintf(w, `{"auth":%q}`, r.Header.Get("Authorization"))
	}
}

const tokenURL = "https://api.example.com/token"

// RFC 6749 §5.1 makes expires_in a number that may be missing.
func TestAnAccessTokenIsUsedWhateverStandsBesideIt(t *testing.T) {
	knownfault.Run(t, []string{
		"expires in 3600.0", "expires in a fraction", "expires in 3.6e3", "expires in an empty text",
		"type BearerToken", "type with a space",
	}, func(t *knownfault.T) {
		for name, members := range map[string]string{
			"plain":                    `"token_type":"Bearer","expires_in":3600`,
			"expires in a text":        `"token_type":"bearer","expires_in":"3600"`,
			"expires missing":          `"token_type":"Bearer"`,
			"expires in null":          `"token_type":"Bearer","expires_in":null`,
			"expires in 3600.0":        `"token_type":"Bearer","expires_in":3600.0`,
			"expires in a fraction":    `"token_type":"Bearer","expires_in":3599.87`,
			"expires in 3.6e3":         `"token_type":"Bearer","expires_in":3.6e3`,
			"expires in an empty text": `"token_type":"Bearer","expires_in":""`,
			"expires in 0":             `"token_type":"Bearer","expires_in":0`,
			"expires in 10,000 years":  `"token_type":"Bearer","expires_in":315360000000`,
			"type missing":             `"expires_in":3600`,
			"type BearerToken":         `"token_type":"BearerToken","expires_in":"3599"`,
			"type with a space":        `"token_type":"Bearer ","expires_in":3600`,
		} {
			t.Run(name, func(t *knownfault.T) {
				client := transporttest.InMemory(t, tokenAnswer(`{"access_token":"tok-1",`+members+`}`),
					transport.WithRetry(retry.Policy{Attempts: 2, Base: time.Millisecond}),
					transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "s3cret-s3cret", CredentialsIn: "body"})))
				for range 3 {
					got, err := transport.Get[struct{ Auth string }](ctx, client, transport.Request{Path: "/x"})
					require.NoError(t, err)
					assert.NotEmpty(t, got.Auth)
				}
			})
		}
	})
}

// A client has to replace a refresh token by the new one (RFC 6749 §6). Without
// OAuth2Config.Rotated the new one is lost with the process.
func TestARefreshTokenThatIsLostIsAnErrorOrAWarning(t *testing.T) {
	ask := func(t testing.TB, refreshToken string) (warnings string, err error) {
		t.Helper()
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, tokenAnswer(`{"access_token":"access-0123456789","token_type":"Bearer","expires_in":3600,"refresh_token":"`+refreshToken+`"}`),
			log.Warnings(), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
				TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret-0123456789", RefreshToken: "refresh-old-0123456789"})))
		_, err = client.Do(t.Context(), transport.Request{Path: "/x"})
		assert.NotContains(t, log.String(), "refresh-new", "the new token is in the log")
		return log.String(), err
	}
	knownfault.Run(t, []string{"replaced"}, func(t *knownfault.T) {
		t.Run("replaced", func(t *knownfault.T) {
			warnings, err := ask(t, "refresh-new-0123456789")
			assert.True(t, warnings != "" || err != nil, "the new refresh token is lost without a word")
		})
		t.Run("the same", func(t *knownfault.T) {
			warnings, err := ask(t, "refresh-old-0123456789")
			assert.NoError(t, err)
			assert.Empty(t, warnings, "nothing is lost")
		})
	})
}
