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
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// clientOf returns a client of a source whose token endpoint has a body.
func clientOf(t testing.TB, body string, opts ...transport.Option) *transport.Client {
	t.Helper()
	return transporttest.InMemory(t, tokenEndpoint(body), append([]transport.Option{
		transport.WithRetry(retry.Policy{Attempts: 2, Base: time.Millisecond}),
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "s3cret-s3cret", CredentialsIn: "body"})),
	}, opts...)...)
}

// RFC 6749 §5.1 makes expires_in an optional number. Many token endpoints differ.
func TestAnAccessTokenIsUsedHoweverItsTypeAndExpiryAreWritten(t *testing.T) {
	for name, members := range map[string]string{
		"plain":                    `"token_type":"Bearer","expires_in":3600`,
		"expires in a text":        `"token_type":"bearer","expires_in":"3600"`,
		"expires in a padded text": `"token_type":"bearer","expires_in":" 3600 "`,
		"expires missing":          `"token_type":"Bearer"`,
		"expires in null":          `"token_type":"Bearer","expires_in":null`,
		"expires in 3600.0":        `"token_type":"Bearer","expires_in":3600.0`,
		"expires in a fraction":    `"token_type":"Bearer","expires_in":3599.87`,
		"a fraction in a text":     `"token_type":"Bearer","expires_in":"3599.87"`,
		"expires in 3.6e3":         `"token_type":"Bearer","expires_in":3.6e3`,
		"expires in an empty text": `"token_type":"Bearer","expires_in":""`,
		"expires in 0":             `"token_type":"Bearer","expires_in":0`,
		"expires in -1":            `"token_type":"Bearer","expires_in":-1`,
		"expires in 10,000 years":  `"token_type":"Bearer","expires_in":315360000000`,
		"expires in 1e400":         `"token_type":"Bearer","expires_in":1e400`,
		"expires in a word":        `"token_type":"Bearer","expires_in":"never"`,
		"expires in an object":     `"token_type":"Bearer","expires_in":{}`,
		"type missing":             `"expires_in":3600`,
		"type empty":               `"token_type":""`,
		"type null":                `"token_type":null`,
		"type BearerToken":         `"token_type":"BearerToken","expires_in":"3599"`,
		"type bearer_token":        `"token_type":"bearer_token"`,
		"type with a space":        `"token_type":"Bearer ","expires_in":3600`,
		"scope a list":             `"token_type":"Bearer","scope":["a","b"]`,
		"error null":               `"token_type":"Bearer","error":null,"error_description":null`,
		"error empty":              `"token_type":"Bearer","error":""`,
		"error false":              `"token_type":"Bearer","error":false`,
		"refresh token null":       `"token_type":"Bearer","refresh_token":null`,
	} {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, `{"access_token":"tok-1",`+members+`}`)
			for range 3 {
				got, err := transport.Get[struct{ Auth string }](ctx, client, transport.Request{Path: "/x"})
				require.NoError(t, err)
				assert.Equal(t, "Bearer tok-1", got.Auth)
			}
		})
	}
}

func TestAnAccessTokenIsUsedWhateverTheFormatOfItsResponse(t *testing.T) {
	for name, body := range map[string]string{
		"a form":                       "access_token=tok-1&token_type=bearer&scope=repo%2Cuser&expires_in=3600",
		"a form without a type":        "access_token=tok-1&expires=5183999",
		"a byte-order mark":            "\ufeff{\"access_token\":\"tok-1\"}",
		"white space":                  "\r\n {\"access_token\":\"tok-1\"}\n",
		"a token with white space":     `{"access_token":" tok-1\n"}`,
		"members of other extensions":  `{"ok":true,"access_token":"tok-1","team":{"name":"a"},"id_token":"x.y.z"}`,
		"names in another case":        `{"Access_Token":"tok-1","Token_Type":"Bearer","Expires_In":3600}`,
		"a message beside the token":   `{"access_token":"tok-1","message":"success"}`,
		"a number as the access token": `{"access_token":1234567890123456789}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := transport.Get[struct{ Auth string }](ctx, clientOf(t, body), transport.Request{Path: "/x"})
			require.NoError(t, err)
			assert.Contains(t, []string{"Bearer tok-1", "Bearer 1234567890123456789"}, got.Auth)
		})
	}
}

func TestALifetimeOfATokenIsObeyedHoweverItIsWritten(t *testing.T) {
	for text, lifetime := range map[string]time.Duration{
		"3600": time.Hour, "3600.0": time.Hour, "3599.5": time.Hour - time.Second/2, "3.6e3": time.Hour, `"3600"`: time.Hour, "11": 11 * time.Second,
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tokens := 0
				client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/token" {
						tokens++
						fmt.Fprintf(w, `{"access_token":"tok-%d","expires_in":%s}`, tokens, text)
					}
				}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "s", CredentialsIn: "body"})))
				read := func() {
					_, err := client.Do(t.Context(), transport.Request{})
					require.NoError(t, err)
				}
				read()
				time.Sleep(lifetime - 10*time.Second - time.Nanosecond)
				read()
				assert.Equal(t, 1, tokens)
				time.Sleep(time.Nanosecond)
				read()
				assert.Equal(t, 2, tokens, "10 seconds before its end, the token is renewed")
			})
		})
	}
}

func TestAResponseWithoutAUsableTokenSaysWhy(t *testing.T) {
	for name, test := range map[string]struct{ body, kind, text string }{
		"an error with status 200":      {`{"error":"bad_verification_code","error_description":"The code is incorrect"}`, "configuration", "200 OK: bad_verification_code: The code is incorrect"},
		"an error of Slack":             {`{"ok":false,"error":"invalid_client_id"}`, "configuration", "invalid_client_id: check the client id and the client secret"},
		"an error in a form":            {"error=incorrect_client_credentials&error_description=The+client_id+is+wrong", "configuration", "incorrect_client_credentials: The client_id is wrong: check"},
		"an error in an object":         {`{"error":{"message":"Invalid secret","type":"OAuthException","code":190}}`, "configuration", "190: Invalid secret"},
		"an error without a code":       {`{"error":true,"message":"The account is closed"}`, "configuration", "200 OK: The account is closed"},
		"a temporary error":             {`{"error":"temporarily_unavailable"}`, "temporary", "temporarily_unavailable"},
		"a web page":                    {"<!doctype html><title>Sign in</title>", "configuration", "the response is a web page, not a token: check the token URL"},
		"text":                          {"OK", "configuration", "the response is neither JSON nor a form: check the token URL"},
		"nothing":                       {"", "configuration", "neither JSON nor a form"},
		"truncated JSON":                {`{"access_token":"tok-1","expires_in":36`, "configuration", "neither JSON nor a form"},
		"an array":                      {`[{"access_token":"tok-1"}]`, "configuration", "neither JSON nor a form"},
		"a token in another place":      {`{"code":0,"data":{"access_token":"tok-1"}}`, "defect", "the response has no access_token, only code, data: if the source has a login of its own, use auth.Login"},
		"an empty token":                {`{"access_token":"","token_type":"bearer"}`, "defect", "the access_token in the response is empty"},
		"a type that cannot be used":    {`{"access_token":"tok-1","token_type":"mac"}`, "defect", `its type is "mac", not bearer: to send it in another way, use auth.Login`},
		"a type of a token and not one": {`{"access_token":"tok-1","token_type":"JWT"}`, "defect", `its type is "JWT"`},
		"too many bytes":                {`{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`, "configuration", "more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clientOf(t, test.body).Do(ctx, transport.Request{Path: "/x"})
			assert.ErrorContains(t, err, "authenticate: get an access token: ")
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, test.kind, transporttest.KindOf(transporttest.AsError(t, err)))
			assert.NotContains(t, err.Error(), "tok-1")
		})
	}
}

func TestARefusedTokenRequestSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		body, text string
		kind       string
	}{
		"a refresh token that is not valid": {400, `{"error":"invalid_grant","error_description":"Token has been revoked"}`, "400 Bad Request: invalid_grant: Token has been revoked: the refresh token is no longer valid: connect the account again", "configuration"},
		"a wrong client":                    {401, `{"error":"invalid_client"}`, "401 Unauthorized: invalid_client: check the client id and the client secret", "configuration"},
		"a refusal without a reason":        {403, "", "403 Forbidden", "configuration"},
		"a refusal as a web page":           {403, "<html>refresh-old-0123456789</html>", "403 Forbidden", "configuration"},
		"a wrong token URL":                 {404, "<html>", "404 Not Found: check the token URL", "configuration"},
		"a redirect":                        {302, "", "302 Found: the token URL leads to another URL", "configuration"},
		"a failure of the source":           {500, "oops", "500 Internal Server Error", "temporary"},
		"a failure with a reason":           {503, `{"error":"server_error"}`, "503 Service Unavailable: server_error", "temporary"},
		"a busy source with status 400":     {400, `{"error":"temporarily_unavailable"}`, "400 Bad Request: temporarily_unavailable", "temporary"},
	} {
		t.Run(name, func(t *testing.T) {
			client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://api.example.com/elsewhere")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}, transport.WithRetry(retry.Policy{Attempts: 2, Base: time.Millisecond}), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
				TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret-0123456789", RefreshToken: "refresh-old-0123456789"})))
			_, err := client.Do(ctx, transport.Request{})
			assert.ErrorContains(t, err, "get an access token: POST "+tokenURL+": "+test.text)
			assert.Equal(t, test.kind, transporttest.KindOf(transporttest.AsError(t, err)))
			assert.NotContains(t, err.Error(), "refresh-old")
		})
	}
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

func TestPastedClientCredentialsAreTrimmed(t *testing.T) {
	for _, refresh := range []string{"", "refresh-0123456789\n"} {
		url, _ := tokenServer(t, func(form map[string]string) (int, string) {
			assert.Equal(t, "id", form["client_id"])
			assert.Equal(t, "secret-0123456789", form["client_secret"])
			assert.Equal(t, strings.TrimSpace(refresh), form["refresh_token"])
			return 200, `{"access_token":"t-0123456789","token_type":"bearer"}`
		})
		c := transporttest.Serve(t, func(http.ResponseWriter, *http.Request) {}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL: url, ClientID: " id\n", ClientSecret: "\ufeffsecret-0123456789\r\n", RefreshToken: refresh, CredentialsIn: "body",
			Rotated: func(context.Context, string) error { return nil }})))
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
	}
}

// The URL of the request that needs the token differs from that of the token.
func TestAFailureToGetATokenNamesTheTokenURL(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL: "https://user:pass-0123456789@api.example.com/oauth/secret-0123456789/token?key=key-0123456789", ClientID: "id", ClientSecret: "secret-0123456789"})))
	_, err := client.Do(ctx, transport.Request{Path: "/v1/ping"})
	assert.ErrorContains(t, err, "/v1/ping: authenticate: get an access token: POST https://api.example.com/oauth/")
	assert.ErrorContains(t, err, "/token: 401 Unauthorized: check the token URL")
	for _, hidden := range []string{"secret-", "pass-", "key-"} {
		assert.NotContains(t, err.Error(), hidden)
	}
}
