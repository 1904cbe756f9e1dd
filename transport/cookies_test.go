package transport_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// session sets a cookie unless the request has one, and responds with the cookies of the
// request.
func session(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie("sid"); err != nil {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "s3cret-session", Path: "/"})
	}
	_, _ = io.WriteString(w, r.Header.Get("Cookie"))
}

func body(t *testing.T, c *transport.Client, req transport.Request) string {
	t.Helper()
	resp, err := c.Do(ctx, req)
	require.NoError(t, err)
	return string(resp.Body)
}

func TestCookiesAreIgnoredByDefault(t *testing.T) {
	c := serve(t, session)
	for range 2 {
		assert.Empty(t, body(t, c, transport.Request{}))
	}
}

func TestWithCookiesSendsTheCookiesOfTheSourceBack(t *testing.T) {
	for _, c := range []*transport.Client{serve(t, session, transport.WithCookies()), inMemory(t, session, transport.WithCookies())} {
		assert.Empty(t, body(t, c, transport.Request{Path: "/a"}))
		assert.Equal(t, "sid=s3cret-session", body(t, c, transport.Request{Path: "/b"}))
		assert.Equal(t, "sid=own", body(t, c, transport.Request{Header: http.Header{"Cookie": {"sid=own"}}}), "the request's own takes precedence")
		assert.Equal(t, "x=1; sid=s3cret-session", body(t, c, transport.Request{Header: http.Header{"Cookie": {"x=1"}}}))
	}
}

func TestCookiesBelongToOneClient(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(session))
	defer srv.Close()
	for range 2 {
		c, err := transport.New(srv.URL, transport.WithCookies())
		require.NoError(t, err)
		assert.Empty(t, body(t, c, transport.Request{}))
	}
}

func TestARedirectThatChecksForACookieIsFollowedWithCookies(t *testing.T) {
	check := func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("sid"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "s3cret-session"})
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "ok")
	}
	assert.Equal(t, "ok", body(t, serve(t, check, transport.WithCookies()), transport.Request{Path: "/x?a=b;c"}))
	_, err := serve(t, check).Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "pass transport.WithCookies")
}

func TestCookiesStayWithinTheSource(t *testing.T) {
	var got []string
	h := func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.Host+" "+r.Header.Get("Cookie"))
		w.Header().Add("Set-Cookie", "sid=of-"+r.URL.Host+"; Domain=example.com")
		w.Header().Add("Set-Cookie", "all=too-wide; Domain=com")
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "https://cdn.example.com/f", http.StatusFound)
		}
	}
	c := inMemory(t, h, transport.WithCookies(), transport.WithHosts("eu.example.com"))
	for _, path := range []string{"/x", "/away", "https://cdn.example.com/g", "https://eu.example.com/h", "https://evil.com/i"} {
		_, err := c.Do(ctx, transport.Request{Path: path})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{
		"api.example.com ", "api.example.com sid=of-api.example.com", "cdn.example.com ", "cdn.example.com ",
		"eu.example.com sid=of-api.example.com", "evil.com ",
	}, got)
}

func TestTheLoginAndTheRequestsShareTheCookies(t *testing.T) {
	logins := 0
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			logins++
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: fmt.Sprintf("s3cret-session-%d", logins)})
			_, _ = io.WriteString(w, "csrf")
			return
		}
		if sid, err := r.Cookie("sid"); err != nil || sid.Value != "s3cret-session-2" || r.Header.Get("X-Csrf") != fmt.Sprintf("csrf-%d", logins) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}, transport.WithCookies(), transport.WithAuth(auth.Login(auth.LoginConfig{Header: "X-Csrf", Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
		resp, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/login", Idempotent: true})
		if err != nil {
			return auth.AccessToken{}, err
		}
		return auth.AccessToken{Value: fmt.Sprintf("%s-%d", resp.Body, logins)}, nil
	}})))
	_, err := c.Do(ctx, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Equal(t, 2, logins, "the first session is refused")
}

func TestTheValuesOfCookiesAreHiddenInErrorsAndLogs(t *testing.T) {
	log := &logRecord{}
	n := 0
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			session(w, r)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "no session "+r.Header.Get("Cookie"))
	}, transport.WithCookies(), transport.WithLogger(log.Logger()), transport.WithRetry(retry.Policy{Attempts: 2, Base: 1}))
	assert.Empty(t, body(t, c, transport.Request{}))
	_, err := c.Do(ctx, transport.Request{Path: "/s3cret-session"})
	assert.ErrorContains(t, err, "no session sid=[redacted]")
	assert.NotContains(t, err.Error()+log.String(), "s3cret")
}

func TestCookiesWorkThroughTheNetworkOfAContext(t *testing.T) {
	c, err := transport.New("https://api.example.com", transport.WithCookies())
	require.NoError(t, err)
	ctx := transport.NewContext(ctx, transporttest.Memory{Handler: http.HandlerFunc(session)})
	for _, want := range []string{"", "sid=s3cret-session"} {
		resp, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, want, string(resp.Body))
	}
}

func TestTheNumberOfCookiesIsLimitedWithAWarning(t *testing.T) {
	log := &logRecord{}
	n, size := 0, 0
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		size = len(r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: fmt.Sprintf("c%06d", n), Value: "x"})
		http.SetCookie(w, &http.Cookie{Name: "large", Value: strings.Repeat("x", 10_000)})
	}, transport.WithCookies(), log.Warnings())
	for range 1000 {
		body(t, c, transport.Request{})
	}
	assert.Equal(t, 200*len("c000001=x; ")-len("; "), size)
	assert.Equal(t, 1, strings.Count(log.String(), "more or larger cookies"), log.String())
}
