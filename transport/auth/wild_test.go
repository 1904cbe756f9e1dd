package auth_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
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

func TestTheReasonOfARefusalIsFoundWhereVendorsPutIt(t *testing.T) {
	const again = "the refresh token is no longer valid: connect the account again"
	for name, test := range map[string]struct {
		status     int
		body, want string
		kind       string
	}{
		"Okta":           {401, `{"errorCode":"invalid_client","errorSummary":"Invalid value for 'client_id' parameter.","errorId":"x","errorCauses":[]}`, "invalid_client: Invalid value for 'client_id' parameter.: check the client id and the client secret", "configuration"},
		"HubSpot":        {400, `{"status":"BAD_REFRESH_TOKEN","message":"missing or unknown refresh token"}`, "BAD_REFRESH_TOKEN: missing or unknown refresh token: " + again, "configuration"},
		"Atlassian":      {403, `{"error":"unauthorized_client","error_description":"refresh_token is invalid"}`, "refresh_token is invalid: " + again, "configuration"},
		"a list":         {400, `{"errors":[{"code":"AUTH-17","message":"The client is disabled"}]}`, "400 Bad Request: AUTH-17: The client is disabled", "configuration"},
		"too often":      {400, `{"error":"Access Denied","error_description":"You have made too many requests continuously.","status":"failure"}`, "too many requests", "temporary"},
		"with success":   {200, `{"code":40105,"message":"The secret is incorrect","data":{}}`, "only code, data, message: 40105: The secret is incorrect: if the source has a login of its own", "defect"},
		"a wrong method": {400, `{"error":"unsupported_grant_type","error_description":"refresh token grant is not enabled"}`, "refresh token grant is not enabled", "configuration"},
		"empty":          {200, "", "the response is empty", "configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			c := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}, transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "client-0123456789", RefreshToken: "refresh-0123456789"})))
			_, err := c.Do(ctx, transport.Request{})
			assert.ErrorContains(t, err, test.want)
			assert.Equal(t, test.kind, transporttest.KindOf(transporttest.AsError(t, err)))
			assert.Equal(t, strings.HasSuffix(test.want, again), strings.Contains(err.Error(), again))
		})
	}
}

func TestARedirectOfTheTokenURLIsNamedWithoutItsQuery(t *testing.T) {
	for location, want := range map[string]string{"https://id.example.com/token?code=x7": "https://id.example.com/token, to", "/v2/token": "https://api.example.com/v2/token, to", "": "another URL, to"} {
		c := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "client-0123456789"})))
		_, err := c.Do(ctx, transport.Request{})
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "x7")
	}
}

// tokenOnce makes a request and returns the token that it carries.
func tokenOnce(t *testing.T, cfg auth.OAuth2Config, endpoint http.HandlerFunc) string {
	t.Helper()
	var sent string
	c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			endpoint(w, r)
			return
		}
		sent = r.Header.Get("Authorization")
	}, transport.WithAuth(auth.OAuth2(cfg)))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	return sent
}

func TestACompressedTokenResponseIsRead(t *testing.T) {
	got := tokenOnce(t, auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c"}, func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, `{"access_token":"t1","error":0}`)
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	})
	assert.Equal(t, "Bearer t1", got)
}

func TestPastedOAuthCredentialsAreTrimmed(t *testing.T) {
	for _, end := range ends {
		around := func(s string) string { return end[0] + s + end[1] }
		tokenOnce(t, auth.OAuth2Config{TokenURL: around(tokenURL), ClientID: around("id"), ClientSecret: around("secret-0123456789"), RefreshToken: around("refresh-0123456789")},
			func(w http.ResponseWriter, r *http.Request) {
				id, secret, _ := r.BasicAuth()
				assert.Equal(t, "id secret-0123456789 refresh-0123456789", id+" "+secret+" "+r.PostFormValue("refresh_token"), "%q", end)
				_, _ = io.WriteString(w, `{"access_token":"t1"}`)
			})
	}
}

func TestAKeyThatWasEscapedTwiceOrLostItsSpacesIsUsed(t *testing.T) {
	key := pkcs8(t, rsaKey())
	for name, text := range map[string]string{
		"escaped three times": strings.ReplaceAll(key, "\n", `\\\\n`),
		"without spaces":      strings.NewReplacer(" ", "", "\n", "").Replace(key),
		"in a code block":     "```\n" + key + "```",
		"in an env file":      `PRIVATE_KEY="` + strings.ReplaceAll(key, "\n", `\n`) + `"` + "\r\n",
		"exported":            "export PRIVATE_KEY='" + key + "'",
		"in YAML":             "private_key: |\n  " + strings.ReplaceAll(key, "\n", "\n  "),
		"base64 in lines":     strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(key)), "A", "A\n"),
	} {
		require.NoError(t, withKey(t, text), name)
	}
	for text, want := range map[string]string{"-----BEGINOPENSSHPRIVATEKEY-----AAAA-----ENDOPENSSHPRIVATEKEY-----": "OpenSSH", "-----BEGINPUBLICKEY-----AAAA-----ENDPUBLICKEY-----": "it is a publickey"} {
		assert.ErrorContains(t, withKey(t, text), want)
	}
}

func TestATokenThatLivesForSecondsIsUsedMoreThanOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := 0
		c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				tokens++
				fmt.Fprintf(w, `{"access_token":"t%d","expires_in":8,"refresh_token":"r%d"}`, tokens, tokens)
			}
		}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", RefreshToken: "r", Rotated: func(context.Context, string) error { return nil }})))
		for range 10 { // 500 ms apart
			_, err := c.Do(t.Context(), transport.Request{})
			require.NoError(t, err)
			time.Sleep(500 * time.Millisecond)
		}
		assert.Equal(t, 2, tokens)
	})
}

// An account may be locked after a few wrong attempts.
func TestRefusedCredentialsAreNotRepeatedByEachRequest(t *testing.T) {
	for name, newAuth := range map[string]func() transport.Auth{
		"OAuth2": func() transport.Auth {
			return auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "c", ClientSecret: "wrong-0123456789", CredentialsIn: "body"})
		},
		"Login": func() transport.Auth {
			return auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
				_, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/token"})
				return auth.AccessToken{}, err
			}})
		},
		"CookieLogin": func() transport.Auth {
			return auth.CookieLogin(func(ctx context.Context, c *transport.Client) error {
				_, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/token"})
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					calls.Add(1)
					w.WriteHeader(http.StatusUnauthorized)
				}, transport.WithAuth(newAuth()))
				all := func() {
					var group sync.WaitGroup
					for range 20 {
						group.Go(func() {
							_, err := c.Do(t.Context(), transport.Request{})
							assert.ErrorContains(t, err, "401 Unauthorized")
							assert.True(t, transporttest.AsError(t, err).Configuration())
						})
					}
					group.Wait()
				}
				all()
				all()
				assert.EqualValues(t, 1, calls.Load())
				time.Sleep(10 * time.Second)
				all()
				assert.EqualValues(t, 2, calls.Load(), "a refusal may end")
			})
		})
	}
}
