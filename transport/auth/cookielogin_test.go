package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestCookieLoginLogsInOnceForAllRequestsAndAgainAfterA401(t *testing.T) {
	var mu sync.Mutex
	logins, expired := 0, false
	handler := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/login" {
			logins++
			expired = false
			assert.Equal(t, "s3cret-password", r.FormValue("password"))
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: fmt.Sprintf("s3cret-session-%d", logins), Path: "/"})
			http.Redirect(w, r, "/home", http.StatusFound)
			return
		}
		if sid, err := r.Cookie("sid"); err != nil || expired || sid.Value != fmt.Sprintf("s3cret-session-%d", logins) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, r.Header.Get("Cookie"))
		}
	}
	c := transporttest.Serve(t, handler, transport.WithRules(transport.Rule{Status: http.StatusFound, Do: transport.DoIgnore}),
		transport.WithAuth(auth.CookieLogin(func(ctx context.Context, client *transport.Client) error {
			_, err := client.Do(ctx, transport.Request{Method: "POST", Path: "/login", Body: url.Values{"password": {"s3cret-password"}}})
			return err
		}, "s3cret-password")))
	ask := func() {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := c.Do(ctx, transport.Request{Path: "/x"})
				assert.NoError(t, err)
			})
		}
		wg.Wait()
	}
	ask()
	assert.Equal(t, 1, logins)
	mu.Lock()
	expired = true
	mu.Unlock()
	ask()
	assert.Equal(t, 2, logins)
}

func TestTheFailureOfACookieLoginFailsTheRequest(t *testing.T) {
	c := transporttest.InMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") },
		transport.WithAuth(auth.CookieLogin(func(context.Context, *transport.Client) error { return errors.New("wrong s3cret-password") }, "s3cret-password")))
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "log in: wrong [redacted]")
	c = transporttest.InMemory(t, func(http.ResponseWriter, *http.Request) {}, transport.WithAuth(auth.CookieLogin(nil)))
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "login is required")

	refused := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		transport.WithAuth(auth.CookieLogin(func(context.Context, *transport.Client) error { return nil })))
	_, err = refused.Do(ctx, transport.Request{})
	require.Error(t, err)
	assert.True(t, transporttest.AsError(t, err).Configuration())
}

func TestTheNumberOfACookieLoginIsNotHidden(t *testing.T) {
	var hidden []string
	run := runcredential.With(ctx, func(_ any, secrets ...string) { hidden = append(hidden, secrets...) })
	c := transporttest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "1 of 2 tables")
	}, transport.WithAuth(auth.CookieLogin(func(context.Context, *transport.Client) error { return nil })))
	_, err := c.Do(run, transport.Request{Path: "/x"})
	require.ErrorContains(t, err, "1 of 2 tables")
	assert.Empty(t, hidden)
}
