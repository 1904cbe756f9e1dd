package auth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
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

func TestATruncatedResponseOfTheTokenEndpointIsTemporaryAndRetried(t *testing.T) {
	for name, failures := range map[string]int64{"once": 1, "always": 1000} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				const body = `{"access_token":"s3cret-access","token_type":"bearer"}`
				w.Header().Set("Content-Type", "application/json")
				if calls.Add(1) <= failures {
					w.Header().Set("Content-Length", "100")
				}
				_, _ = io.WriteString(w, body) // net/http closes the connection if the length is wrong
			}))
			defer endpoint.Close()
			c := transporttest.Serve(t, func(http.ResponseWriter, *http.Request) {},
				transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: endpoint.URL, ClientID: "id", ClientSecret: "s3cret-client", CredentialsIn: "body"})),
				transport.WithRetry(retry.Policy{Base: 1, Attempts: 3}))
			_, err := c.Do(ctx, transport.Request{})
			if failures == 1 {
				require.NoError(t, err)
				assert.EqualValues(t, 2, calls.Load())
				return
			}
			var failed *transport.Error
			require.ErrorAs(t, err, &failed)
			assert.True(t, failed.Temporary())
			assert.ErrorContains(t, err, "unexpected EOF")
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
}

// busyUntil returns a handler of a token endpoint or a login that is busy for a while.
// Until then, it calls refuse. It counts its calls.
func busyUntil(t time.Time, calls *atomic.Int64, refuse func(w http.ResponseWriter, left time.Duration)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			return
		}
		calls.Add(1)
		if left := time.Until(t); left > 0 {
			refuse(w, left)
			return
		}
		_, _ = io.WriteString(w, `{"access_token":"t1"}`)
	}
}

func seconds(d time.Duration) string { return fmt.Sprint(int((d + time.Second - 1) / time.Second)) }

func TestAWaitThatATokenEndpointAsksForIsKeptAndDoesNotCountAsAnAttempt(t *testing.T) {
	waits := map[string]func(w http.ResponseWriter, left time.Duration){
		"429": func(w http.ResponseWriter, left time.Duration) {
			w.Header().Set("Retry-After", seconds(left))
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"503": func(w http.ResponseWriter, left time.Duration) {
			w.Header().Set("Retry-After", time.Now().Add(left).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"403 with a used-up quota": func(w http.ResponseWriter, left time.Duration) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", seconds(left))
			w.WriteHeader(http.StatusForbidden)
		},
		"an error with status 200": func(w http.ResponseWriter, left time.Duration) {
			w.Header().Set("Retry-After", seconds(left))
			_, _ = io.WriteString(w, `{"ok":false,"error":"ratelimited"}`)
		},
	}
	for kind, newAuth := range map[string]func() transport.Auth{
		"client credentials": func() transport.Auth {
			return auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret"})
		},
		"refresh token": func() transport.Auth {
			return auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", RefreshToken: "r"})
		},
		"assertion": func() transport.Auth {
			return auth.JWTBearer(auth.JWTConfig{TokenURL: tokenURL, Issuer: "i", PrivateKey: privateKey()})
		},
	} {
		for name, refuse := range waits {
			t.Run(kind+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const busy = 5 * time.Minute
					var calls atomic.Int64
					start := time.Now()
					c := transporttest.InMemory(t, busyUntil(start.Add(busy), &calls, refuse),
						transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithAuth(newAuth()))
					var all sync.WaitGroup
					for range 5 { // they share the token
						all.Go(func() {
							_, err := c.Do(t.Context(), transport.Request{Method: "POST"})
							assert.NoError(t, err)
						})
					}
					all.Wait()
					assert.Equal(t, busy, time.Since(start).Truncate(time.Second))
					assert.EqualValues(t, 2, calls.Load(), "while the endpoint is busy, nobody calls it")
				})
			})
		}
	}
}

func TestAWaitThatALoginAsksForIsKept(t *testing.T) {
	for _, busy := range []time.Duration{30 * time.Second, 5 * time.Minute} { // less and more than an attempt may take
		synctest.Test(t, func(t *testing.T) {
			var calls atomic.Int64
			start := time.Now()
			c := transporttest.InMemory(t, busyUntil(start.Add(busy), &calls, func(w http.ResponseWriter, left time.Duration) {
				w.Header().Set("Retry-After", seconds(left))
				w.WriteHeader(http.StatusTooManyRequests)
			}), transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithAuth(auth.Login(auth.LoginConfig{
				Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
					token, err := transport.Get[string](ctx, c, transport.Request{Method: "POST", Path: "/token", RecordsAt: "access_token"})
					return auth.AccessToken{Value: token}, err
				},
			})))
			_, err := c.Do(t.Context(), transport.Request{})
			require.NoError(t, err)
			assert.Equal(t, busy, time.Since(start))
			assert.EqualValues(t, 2, calls.Load())
		})
	}
}

func TestAWaitOfATokenEndpointBeyondTheLimitIsInTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := transporttest.InMemory(t, busyUntil(time.Now().Add(time.Hour), &calls, func(w http.ResponseWriter, left time.Duration) {
			w.Header().Set("Retry-After", seconds(left))
			w.WriteHeader(http.StatusTooManyRequests)
		}), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret"})))
		start := time.Now()
		_, err := c.Do(t.Context(), transport.Request{})
		failed := transporttest.AsError(t, err)
		assert.True(t, failed.Temporary())
		assert.Equal(t, time.Hour, failed.RetryAfter())
		assert.ErrorContains(t, err, "get an access token: POST "+tokenURL+": 429 Too Many Requests (gave up: the source asks to wait 1h0m0s, which would exceed the limit of 15m0s for all attempts; raise retry.Policy.Elapsed)")
		assert.Zero(t, time.Since(start))
	})
}

func TestARenewalAfterARefusalIsRepeatedIfItsFailureIsTemporary(t *testing.T) {
	for name, after := range map[string]string{"with a wait": "120", "without a wait": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tokens, requests int
				var busy time.Time
				c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					switch {
					case r.URL.Path == "/token" && tokens > 0 && busy.IsZero():
						busy = time.Now()
						w.Header().Set("Retry-After", after)
						w.WriteHeader(http.StatusServiceUnavailable)
					case r.URL.Path == "/token":
						tokens++
						fmt.Fprintf(w, `{"access_token":"t%d"}`, tokens)
					case r.Header.Get("Authorization") != "Bearer t2":
						requests++
						w.WriteHeader(http.StatusUnauthorized)
					}
				}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", ClientSecret: "secret", CredentialsIn: "body"})))
				_, err := c.Do(t.Context(), transport.Request{Method: "POST"})
				require.NoError(t, err)
				assert.Equal(t, 2, tokens)
				assert.Equal(t, 2, requests)
				if after != "" {
					assert.Equal(t, 2*time.Minute, time.Since(busy))
				}
			})
		})
	}
}

func TestTheWayToSendClientCredentialsIsFoundOnce(t *testing.T) {
	for name, test := range map[string]struct {
		secret, in string
		accepts    func(r *http.Request) bool
		requests   []string
	}{
		"in the header": {"secret", "", func(r *http.Request) bool { return r.Header.Get("Authorization") != "" },
			[]string{"header", "header"}},
		"in the body": {"secret", "", func(r *http.Request) bool { return r.PostForm.Get("client_secret") == "secret" },
			[]string{"header", "body", "body"}},
		"without a secret": {"", "", func(r *http.Request) bool { return r.PostForm.Get("client_id") == "id" },
			[]string{"body", "body"}},
		"nowhere":          {"secret", "", func(*http.Request) bool { return false }, []string{"header", "body"}},
		"as it is set":     {"secret", "header", func(*http.Request) bool { return false }, []string{"header"}},
		"broken by Basic":  {"secret", "", func(r *http.Request) bool { return r.Header.Get("Authorization") == "" }, []string{"header", "body", "body"}},
		"encoded (§2.3.1)": {"s& /1", "", func(r *http.Request) bool { _, p, _ := r.BasicAuth(); return p == url.QueryEscape("s& /1") }, []string{"header", "header"}},
	} {
		t.Run(name, func(t *testing.T) {
			var requests []string
			c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/token" {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				assert.NoError(t, r.ParseForm())
				style := "body"
				if r.Header.Get("Authorization") != "" {
					style = "header"
				}
				requests = append(requests, style)
				switch {
				case test.accepts(r):
					fmt.Fprintf(w, `{"access_token":"t%d"}`, len(requests))
				case name == "broken by Basic":
					w.WriteHeader(http.StatusInternalServerError)
				default:
					w.WriteHeader(http.StatusUnauthorized)
					_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
				}
			}, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", ClientSecret: test.secret, RefreshToken: "r", CredentialsIn: test.in})))
			_, err := c.Do(ctx, transport.Request{})
			assert.True(t, transporttest.AsError(t, err).Configuration())
			assert.Equal(t, strings.Join(test.requests, " "), strings.Join(requests, " "))
		})
	}
}
