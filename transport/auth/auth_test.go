package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
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
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestFixedCredentials(t *testing.T) {
	var header http.Header
	var query string
	h := func(w http.ResponseWriter, r *http.Request) {
		header, query = r.Header, r.URL.RawQuery
		w.WriteHeader(400)
		fmt.Fprintf(w, "you sent %v %s", r.Header, r.URL.RawQuery)
	}
	for _, auth := range []transport.Auth{
		auth.Bearer("s3cret-v"), auth.HeaderKey("X-Api-Key", "s3cret-v"), auth.HeaderKey("Authorization", "Token s3cret-v"),
		auth.QueryKey("k", "s3cret-v"), auth.Basic("user", "s3cret-v"), auth.Basic("s3cret-v", ""),
		auth.Login(auth.LoginConfig{Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			return auth.AccessToken{Value: "s3cret-v"}, nil
		}, Param: "sid"}),
	} {
		var log transporttest.LogRecord
		c := transporttest.Serve(t, h, transport.WithAuth(auth), transport.WithLogger(log.Logger()))
		_, err := c.Do(ctx, transport.Request{Path: "/x?a=b"})
		require.Error(t, err)
		assert.Contains(t, err.Error(), "you sent")
		all := fmt.Sprintf("%v %+v %#v %s %q %v", auth, auth, auth, auth, auth, err) + log.String()
		assert.NotContains(t, all, "s3cret-v")
		assert.NotContains(t, all, "dXNlcjpzM2NyZXQtdg", "base64 of the user and the password")
		assert.Contains(t, query, "a=b")
	}
	c := transporttest.Serve(t, h, transport.WithAuth(auth.Basic("user", "pass")))
	_, _ = c.Do(ctx, transport.Request{})
	assert.Equal(t, "Basic dXNlcjpwYXNz", header.Get("Authorization"))

	for _, empty := range []transport.Auth{auth.Bearer(""), auth.HeaderKey("X", ""), auth.HeaderKey("X", "Token "), auth.QueryKey("k", ""),
		auth.Basic("", ""), auth.Basic("a:b", "c"), auth.FirstOf(), auth.FirstOf(nil, auth.Bearer("")), auth.OAuth2(auth.OAuth2Config{TokenURL: "http://h"}),
		auth.OAuth2(auth.OAuth2Config{ClientID: "x", TokenURL: "nowhere"}), auth.JWTBearer(auth.JWTConfig{TokenURL: "http://h"})} {
		header = nil
		c := transporttest.Serve(t, h, transport.WithAuth(empty))
		_, err := c.Do(ctx, transport.Request{})
		assert.True(t, transporttest.AsError(t, err).Configuration(), "%v: %v", empty, err)
		assert.Nil(t, header, "nothing is sent")
	}
	c = transporttest.Serve(t, h, transport.WithAuth(auth.FirstOf(auth.Bearer(""), auth.Basic("", ""), auth.HeaderKey("X-K", "v"), auth.None())))
	_, _ = c.Do(ctx, transport.Request{})
	assert.Equal(t, "v", header.Get("X-K"))
	c = transporttest.Serve(t, h, transport.WithAuth(auth.FirstOf(auth.Bearer(""), auth.None())))
	_, err := c.Do(ctx, transport.Request{})
	assert.Equal(t, 400, transporttest.AsError(t, err).Status)
}

func TestQueryKeyIsNotTakenAlong(t *testing.T) {
	var got string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.RequestURI + r.Referer() }))
	defer other.Close()
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		// A source that repeats the whole query in its redirect.
		http.Redirect(w, r, other.URL+"/x?"+r.URL.RawQuery, http.StatusFound)
	}, transport.WithAuth(auth.QueryKey("k", "s3cret-v")))
	_, err := c.Do(ctx, transport.Request{Path: "/?a=b"})
	require.NoError(t, err)
	assert.Equal(t, "/x?a=b", got)
}

func TestSign(t *testing.T) {
	key := "signing-key"
	mac := func(parts ...string) string {
		m := hmac.New(sha256.New, []byte(key))
		_, _ = io.WriteString(m, strings.Join(parts, "\n"))
		return hex.EncodeToString(m.Sum(nil))
	}
	n := 0
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		assert.Equal(t, mac(r.Method, r.RequestURI, string(b)), r.Header.Get("X-Signature"))
		if n++; n == 1 {
			w.WriteHeader(500)
		}
	}, transport.WithRetry(retry.Policy{Base: 1}), transport.WithAuth(auth.Sign(func(r *http.Request, body []byte) error {
		r.Header.Set("X-Signature", mac(r.Method, r.URL.RequestURI(), string(body)))
		return nil
	}, key)))
	_, err := c.Do(ctx, transport.Request{Method: "PUT", Path: "/x", Body: map[string]int{"a": 1}})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	_, err = c.Do(ctx, transport.Request{Path: "/x?y=z"})
	require.NoError(t, err)
}

func TestSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logins atomic.Int64
		valid := func() string { return fmt.Sprintf("Bearer token-%d", logins.Load()) }
		revoked := atomic.Bool{}
		c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				assert.Empty(t, r.Header.Get("Authorization"))
				time.Sleep(time.Second)
				fmt.Fprintf(w, `{"token":"token-%d"}`, logins.Add(1))
				revoked.Store(false)
				return
			}
			if revoked.Load() || r.Header.Get("Authorization") != valid() {
				w.WriteHeader(401)
				return
			}
			_, _ = io.WriteString(w, "1")
		}, transport.WithLimit(ratelimit.Limit{Concurrent: 1}), transport.WithAuth(auth.Login(auth.LoginConfig{
			Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
				v, err := transport.Get[string](ctx, c, transport.Request{Method: "POST", Path: "/login", RecordsAt: "token"})
				return auth.AccessToken{Value: v, Expires: time.Now().Add(time.Hour)}, err
			},
		})))
		read := func(n int) {
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					_, err := transport.Get[int](ctx, c, transport.Request{Path: "/x"})
					assert.NoError(t, err)
				})
			}
			wg.Wait()
		}
		read(20)
		assert.EqualValues(t, 1, logins.Load(), "one login for many goroutines")
		time.Sleep(2 * time.Hour)
		read(20)
		assert.EqualValues(t, 2, logins.Load(), "another when the token has expired")
		revoked.Store(true)
		read(20)
		assert.EqualValues(t, 3, logins.Load(), "another when the source refuses the token")
	})
}

func TestSessionThatIsAlwaysRefused(t *testing.T) {
	var requests, logins int
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { requests++; w.WriteHeader(401) },
		transport.WithAuth(auth.Login(auth.LoginConfig{Header: "X-Session", Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			logins++
			return auth.AccessToken{Value: fmt.Sprint("t", logins)}, nil
		}})))
	_, err := c.Do(ctx, transport.Request{})
	assert.True(t, transporttest.AsError(t, err).Configuration())
	assert.Equal(t, 2, requests)
	assert.Equal(t, 2, logins)

	c = transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) },
		transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
			_, err := c.Do(ctx, transport.Request{Path: "/login"})
			return auth.AccessToken{}, err
		}})))
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "log in: ")
	assert.True(t, transporttest.AsError(t, err).Configuration(), "what the login failed of is kept")
}

// tokenServer is a token endpoint.
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

func TestOAuth2(t *testing.T) {
	t.Run("client credentials", func(t *testing.T) {
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
	})
	t.Run("rotating refresh token", func(t *testing.T) {
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
		require.NoError(t, err, "401 refreshes once and repeats")
		assert.Equal(t, []string{"r1", "r2"}, kept)
		assert.EqualValues(t, 2, calls.Load())

		wrong = true
		c = transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }, transport.WithAuth(auth))
		_, err = c.Do(ctx, transport.Request{})
		assert.ErrorContains(t, err, "keep the new refresh token: disk full")
		refresh = "elsewhere"
		_, err = c.Do(ctx, transport.Request{})
		assert.ErrorContains(t, err, "invalid_grant")
		assert.True(t, transporttest.AsError(t, err).Configuration())
	})
	t.Run("accidents of the token endpoint", func(t *testing.T) {
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
		require.NoError(t, err, "the request was not sent yet, and so even a POST waits for its token")
		assert.Equal(t, 3, n)
	})
	t.Run("misuse", func(t *testing.T) {
		for _, cfg := range []auth.OAuth2Config{
			{TokenURL: "http://h", ClientID: "x", CredentialsIn: "cookie"},
			{TokenURL: "http://h", ClientID: "x", RefreshToken: "r", Params: map[string][]string{"a": {"b"}}},
		} {
			c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {}, transport.WithAuth(auth.OAuth2(cfg)))
			_, err := c.Do(ctx, transport.Request{})
			assert.Equal(t, "defect", transporttest.KindOf(transporttest.AsError(t, err)))
		}
	})
}

func TestJWTBearer(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	url, calls := tokenServer(t, func(f map[string]string) (int, string) {
		assert.Equal(t, "urn:ietf:params:oauth:grant-type:jwt-bearer", f["grant_type"])
		assert.Len(t, strings.Split(f["assertion"], "."), 3)
		return 200, `{"access_token":"a","token_type":"Bearer","expires_in":3600}`
	})
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(403)
		}
	}, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{TokenURL: url, Issuer: "svc@example.com", PrivateKey: string(text)})))
	for range 3 {
		_, err = c.Do(ctx, transport.Request{})
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, calls.Load())
}

// A login that is slower than a try may be is tried again, by whoever waits
// for it.
func TestLoginThatIsTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {}, transport.WithTimeout(10*time.Second),
			transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(ctx context.Context, _ *transport.Client) (auth.AccessToken, error) {
				if logins++; logins == 1 {
					<-ctx.Done()
					return auth.AccessToken{}, context.Cause(ctx)
				}
				return auth.AccessToken{Value: "t"}, nil
			}})))
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, 2, logins)
	})
}
