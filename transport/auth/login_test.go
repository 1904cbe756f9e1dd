package auth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
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

func TestAllRequestsShareOneLoginUntilItExpiresOrIsRefused(t *testing.T) {
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
		assert.EqualValues(t, 1, logins.Load(), "all goroutines share one login")
		time.Sleep(2 * time.Hour)
		read(20)
		assert.EqualValues(t, 2, logins.Load(), "the token has expired")
		revoked.Store(true)
		read(20)
		assert.EqualValues(t, 3, logins.Load(), "the source refused the token")
	})
}

func TestARequestIsRepeatedOnceAfterANewLogin(t *testing.T) {
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
}

func TestTheErrorOfALoginKeepsItsKind(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) },
		transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
			_, err := c.Do(ctx, transport.Request{Path: "/login"})
			return auth.AccessToken{}, err
		}})))
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "log in: ")
	assert.True(t, transporttest.AsError(t, err).Configuration(), "the login was refused with 403")
}

// The first login takes longer than an attempt may take.
func TestALoginThatIsTooSlowIsTriedAgain(t *testing.T) {
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

func TestTheSecretsOfALoginAreHiddenInItsOwnRequests(t *testing.T) {
	const password = "s3cret-password"
	var log transporttest.LogRecord
	var loginErr error
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "no user has the password %s", password)
	}, transport.WithLogger(log.Logger()), transport.WithAuth(auth.Login(auth.LoginConfig{
		Secrets: []string{password},
		Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
			_, loginErr = c.Do(ctx, transport.Request{Method: "POST", Path: "/login/" + password})
			return auth.AccessToken{}, loginErr
		},
	})))
	_, err := client.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "no user has the password [redacted]")
	assert.ErrorContains(t, loginErr, "no user has the password [redacted]")
	assert.Contains(t, log.String(), "path=/login/[redacted]")
	assert.NotContains(t, log.String()+err.Error()+loginErr.Error(), password)
}

func TestANewLoginAfterARefusalTakesNoLongerThanAnAttemptMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		login := auth.Login(auth.LoginConfig{Login: func(ctx context.Context, _ *transport.Client) (auth.AccessToken, error) {
			if logins++; logins == 1 {
				return auth.AccessToken{Value: "expired-token"}, nil
			}
			<-ctx.Done()
			return auth.AccessToken{}, ctx.Err()
		}})
		c := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
			transport.WithAuth(login), transport.WithTimeout(time.Minute))
		start := time.Now()
		_, err := c.Do(t.Context(), transport.Request{})
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.True(t, transporttest.AsError(t, err).Temporary(), "a later login may succeed")
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestALoginIsRepeatedNoMoreOftenThanThePolicyAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			logins++
			w.WriteHeader(http.StatusTooManyRequests)
		}, transport.WithRetry(retry.Policy{Attempts: 3}), transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
			_, err := c.Do(ctx, transport.Request{Path: "/login"})
			return auth.AccessToken{}, err
		}})))
		_, err := c.Do(t.Context(), transport.Request{})
		assert.True(t, transporttest.AsError(t, err).Temporary())
		assert.Equal(t, 3, logins)
	})
}
