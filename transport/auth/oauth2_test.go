package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
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

// tokenServer serves a token endpoint. It returns its URL and the number of requests.
func tokenServer(t *testing.T, h func(form map[string]string) (status int, body string)) (string, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		assert.NoError(t, r.ParseForm())
		form := map[string]string{}
		for k := range r.Form {
			form[k] = r.Form.Get(k)
		}
		if u, p, ok := r.BasicAuth(); ok {
			form["client_id"], form["client_secret"] = u, p
		}
		status, body := h(form)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/token", &calls
}

func TestClientCredentialsAreExchangedOnceForAllRequests(t *testing.T) {
	url, calls := tokenServer(t, func(f map[string]string) (int, string) {
		assert.Equal(t, "client_credentials", f["grant_type"])
		assert.Equal(t, "read write", f["scope"])
		assert.Equal(t, "api", f["audience"])
		assert.Equal(t, "id s3cret-client", f["client_id"]+" "+f["client_secret"])
		return 200, `{"access_token":"s3cret-access","token_type":"bearer","expires_in":3600}`
	})
	for _, in := range []string{"", "header", "body"} {
		calls.Store(0)
		var headers sync.Map
		c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
			headers.Store(r.Header.Get("Authorization"), true)
			w.WriteHeader(400)
			_, _ = io.WriteString(w, r.Header.Get("Authorization"))
		}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: url, ClientID: "id", ClientSecret: "s3cret-client",
			Scopes: []string{"read", "write"}, Params: map[string][]string{"audience": {"api"}}, CredentialsIn: in})))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := c.Do(ctx, transport.Request{})
				assert.NotContains(t, err.Error(), "s3cret")
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, calls.Load())
		_, ok := headers.Load("Bearer s3cret-access")
		assert.True(t, ok)
	}
}

func TestAReplacedRefreshTokenIsPassedToRotatedAndUsedFromThenOn(t *testing.T) {
	refresh := "r0"
	n := 0
	url, calls := tokenServer(t, func(f map[string]string) (int, string) {
		assert.Equal(t, "refresh_token", f["grant_type"])
		if f["refresh_token"] != refresh {
			return 400, `{"error":"invalid_grant","error_description":"reused ` + f["refresh_token"] + `"}`
		}
		n++
		refresh = fmt.Sprint("r", n)
		return 200, fmt.Sprintf(`{"access_token":"a%d","token_type":"bearer","refresh_token":"%s"}`, n, refresh)
	})
	var kept []string
	wrong := false
	auth := auth.OAuth2(auth.OAuth2Config{TokenURL: url, ClientID: "id", RefreshToken: "r0", Rotated: func(_ context.Context, r string) error {
		kept = append(kept, r)
		if wrong {
			return errors.New("disk full")
		}
		return nil
	}})
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a2" {
			w.WriteHeader(401)
		}
	}, transport.WithAuth(auth))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err, "after a 401, the token is refreshed and the request repeated once")
	assert.Equal(t, []string{"r1", "r2"}, kept)
	assert.EqualValues(t, 2, calls.Load())

	wrong = true
	c = transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }, transport.WithAuth(auth))
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "store the new refresh token: disk full")
	refresh = "elsewhere"
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "invalid_grant")
	assert.True(t, transporttest.AsError(t, err).Configuration())
}

func TestATemporaryFailureOfTheTokenEndpointIsRetriedEvenForAPost(t *testing.T) {
	n := 0
	url, _ := tokenServer(t, func(map[string]string) (int, string) {
		if n++; n < 3 {
			return 503, "busy"
		}
		return 200, `{"access_token":"a","token_type":"Bearer"}`
	})
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {}, transport.WithRetry(retry.Policy{Base: 1}),
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: url, ClientID: "id", CredentialsIn: "body"})))
	_, err := c.Do(ctx, transport.Request{Method: "POST"})
	require.NoError(t, err, "the request has not been sent, so even a POST waits for its token")
	assert.Equal(t, 3, n)
}

func TestAnOAuth2ConfigThatContradictsItselfIsADefect(t *testing.T) {
	for _, cfg := range []auth.OAuth2Config{
		{TokenURL: "http://h", ClientID: "x", CredentialsIn: "cookie"},
		{TokenURL: "http://h", ClientID: "x", RefreshToken: "r", Params: map[string][]string{"a": {"b"}}},
	} {
		c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {}, transport.WithAuth(auth.OAuth2(cfg)))
		_, err := c.Do(ctx, transport.Request{})
		assert.Equal(t, "defect", transporttest.KindOf(transporttest.AsError(t, err)))
	}
}

// tokenEndpoint serves body at the token endpoint. All other responses are an object
// whose member "auth" is the Authorization header of the request.
func tokenEndpoint(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			fmt.Fprint(w, body)
			return
		}
		fmt.Fprintf(w, `{"auth":%q}`, r.Header.Get("Authorization"))
	}
}

const tokenURL = "https://api.example.com/token"

// The token endpoint replaces the refresh token only once.
func TestARefreshTokenThatCouldNotBeStoredIsPassedToRotatedAgain(t *testing.T) {
	url, _ := tokenServer(t, func(map[string]string) (int, string) {
		return 200, `{"access_token":"a","token_type":"bearer","refresh_token":"r1"}`
	})
	var kept []string
	full := true
	c := transporttest.Serve(t, func(http.ResponseWriter, *http.Request) {}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: url, ClientID: "id", RefreshToken: "r0", Rotated: func(_ context.Context, r string) error {
			if full {
				return errors.New("disk full")
			}
			kept = append(kept, r)
			return nil
		},
	})))
	_, err := c.Do(ctx, transport.Request{})
	require.ErrorContains(t, err, "store the new refresh token: disk full")
	full = false
	for range 2 {
		_, err = c.Do(ctx, transport.Request{})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"r1"}, kept)
}

// RFC 6749 §5.1 makes expires_in an optional number. Many token endpoints differ.
func TestAnAccessTokenIsUsedHoweverItsTypeAndExpiryAreWritten(t *testing.T) {
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
				client := transporttest.InMemory(t, tokenEndpoint(`{"access_token":"tok-1",`+members+`}`),
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

// A client must replace its refresh token with the new one (RFC 6749 §6). Without
// OAuth2Config.Rotated, the new one is lost when the process ends.
func TestALostRefreshTokenIsAnErrorOrAWarning(t *testing.T) {
	request := func(t testing.TB, refreshToken string) (warnings string, err error) {
		t.Helper()
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, tokenEndpoint(`{"access_token":"access-0123456789","token_type":"Bearer","expires_in":3600,"refresh_token":"`+refreshToken+`"}`),
			log.Warnings(), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
				TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret-0123456789", RefreshToken: "refresh-old-0123456789"})))
		_, err = client.Do(t.Context(), transport.Request{Path: "/x"})
		assert.NotContains(t, log.String(), "refresh-new", "the new refresh token is in the log")
		return log.String(), err
	}
	knownfault.Run(t, []string{"replaced"}, func(t *knownfault.T) {
		t.Run("replaced", func(t *knownfault.T) {
			warnings, err := request(t, "refresh-new-0123456789")
			assert.True(t, warnings != "" || err != nil, "the new refresh token is lost without an error or a warning")
		})
		t.Run("the same", func(t *knownfault.T) {
			warnings, err := request(t, "refresh-old-0123456789")
			assert.NoError(t, err)
			assert.Empty(t, warnings, "nothing is lost")
		})
	})
}

func TestASecretAtTheEndOfAShortenedDescriptionOfATokenEndpointIsHidden(t *testing.T) {
	const secret = "s3cret-client-of-some-length"
	before := 0
	url, _ := tokenServer(t, func(map[string]string) (int, string) {
		return 400, fmt.Sprintf(`{"error":"invalid_client","error_description":"%s%s is not valid"}`, strings.Repeat("x", before), secret)
	})
	c, err := transport.New("https://api.example.com", transport.WithLogger(transporttest.Quiet),
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: url, ClientID: "id", ClientSecret: secret, CredentialsIn: "body"})))
	require.NoError(t, err)
	defer c.Close()
	for before = 170; before < 205; before++ {
		_, err := c.Do(ctx, transport.Request{}) // which is not sent without a token
		assert.ErrorContains(t, err, "invalid_client")
		assert.NotContains(t, err.Error(), "s3cr")
	}
}
