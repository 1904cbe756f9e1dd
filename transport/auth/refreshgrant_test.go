package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// A rotator is a source that replaces the refresh token at each use and locks out whoever
// uses an old one. Its access tokens are valid for one request.
type rotator struct {
	t       *testing.T
	mu      sync.Mutex
	refresh string
	access  string
	n       int
	delay   time.Duration // of the response of the token endpoint
}

func (r *rotator) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.URL.Path != "/token" {
		if r.access == "" || req.Header.Get("Authorization") != "Bearer "+r.access {
			w.WriteHeader(http.StatusUnauthorized)
		}
		r.access = ""
		return
	}
	if got := req.PostFormValue("refresh_token"); got != r.refresh {
		r.t.Errorf("the refresh token %q was used, want %q", got, r.refresh)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	r.n++
	r.refresh, r.access = fmt.Sprintf("refresh-%d-0123456789", r.n), fmt.Sprintf("access-%d-0123456789", r.n)
	fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","refresh_token":%q}`, r.access, r.refresh)
	time.Sleep(r.delay)
}

func (r *rotator) client(t *testing.T, rotated func(context.Context, string) error, opts ...transport.Option) *transport.Client {
	t.Helper()
	return transporttest.InMemory(t, r.ServeHTTP, append(opts, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: tokenURL, ClientID: "id", RefreshToken: "refresh-0-0123456789", Rotated: rotated})))...)
}

func newRotator(t *testing.T) *rotator {
	t.Helper()
	return &rotator{t: t, refresh: "refresh-0-0123456789"}
}

// A client must replace its refresh token with the new one (RFC 6749 §6). Without
// OAuth2Config.Rotated, the new one is lost when the process ends.
func TestALostRefreshTokenIsAWarningOnce(t *testing.T) {
	lost := lostError{}
	for name, test := range map[string]struct {
		rotated func(context.Context, string) error
		want    []string
	}{
		"without Rotated":  {nil, []string{"lost when the process ends", "set OAuth2Config.Rotated", "connector.ReplaceSecret"}},
		"without a place":  {func(context.Context, string) error { return lost }, []string{"lost when the process ends", "no place", "OAuth2Config.Rotated"}},
		"without a place2": {func(context.Context, string) error { return fmt.Errorf("field x: %w", lost) }, []string{"field x: no place"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log transporttest.LogRecord
			c := newRotator(t).client(t, test.rotated, log.Warnings())
			for range 3 {
				_, err := c.Do(t.Context(), transport.Request{})
				require.NoError(t, err, "the new token is used")
			}
			assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
			for _, part := range test.want {
				assert.Contains(t, log.String(), part)
			}
			assert.NotContains(t, log.String(), "0123456789")

			log = transporttest.LogRecord{}
			var warnings []string
			sync := userwarning.With(t.Context(), func(key, message string, _ int) { warnings = append(warnings, message) })
			c = newRotator(t).client(t, test.rotated, log.Warnings())
			_, err := c.Do(sync, transport.Request{})
			require.NoError(t, err)
			require.Len(t, warnings, 1, "in a sync, the user of the platform is warned")
			assert.Contains(t, warnings[0], test.want[0])
			assert.Empty(t, log.String())
		})
	}
}

type lostError struct{}

func (lostError) Error() string   { return "no place" }
func (lostError) NotStored() bool { return true }

func TestARefreshTokenThatIsNotReplacedCausesNoWarning(t *testing.T) {
	for name, member := range map[string]string{
		"missing": "", "null": `,"refresh_token":null`, "empty": `,"refresh_token":""`, "the same": `,"refresh_token":"refresh-0-0123456789"`,
		"the same, padded": `,"refresh_token":"refresh-0-0123456789\n"`,
	} {
		t.Run(name, func(t *testing.T) {
			var log transporttest.LogRecord
			var stored []string
			for _, rotated := range []func(context.Context, string) error{nil, func(_ context.Context, token string) error { stored = append(stored, token); return nil }} {
				c := transporttest.InMemory(t, tokenEndpoint(`{"access_token":"a"`+member+`}`), log.Warnings(), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
					TokenURL: tokenURL, ClientID: "id", RefreshToken: "refresh-0-0123456789", Rotated: rotated})))
				_, err := c.Do(t.Context(), transport.Request{})
				require.NoError(t, err)
			}
			assert.Empty(t, log.String())
			assert.Empty(t, stored)
		})
	}
}

func TestANewRefreshTokenIsStoredEvenIfItsAccessTokenIsNotUsable(t *testing.T) {
	for _, members := range []string{`"access_token":"a","token_type":"mac"`, `"access_token":""`, `"x":1`} {
		var stored []string
		c := transporttest.InMemory(t, tokenEndpoint(`{`+members+`,"refresh_token":"r1"}`), transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL: tokenURL, ClientID: "id", RefreshToken: "r0", Rotated: func(_ context.Context, token string) error { stored = append(stored, token); return nil }})))
		_, err := c.Do(t.Context(), transport.Request{})
		require.Error(t, err)
		assert.Equal(t, []string{"r1"}, stored)
	}
}

func TestClientsOfARunWithTheSameConfigurationShareTheRefreshToken(t *testing.T) {
	source := newRotator(t)
	run := runcredential.With(t.Context(), func(any, ...string) {})
	var mu sync.Mutex
	var stored []string
	var all sync.WaitGroup
	for range 4 { // as if Schema, Test and Sync each made a client
		all.Go(func() {
			for range 3 {
				_, err := source.client(t, func(_ context.Context, token string) error {
					mu.Lock()
					defer mu.Unlock()
					stored = append(stored, token)
					return nil
				}).Do(run, transport.Request{})
				var failed *transport.Error
				if errors.As(err, &failed) { // another client has used up the access token
					assert.Equal(t, http.StatusUnauthorized, failed.Status)
				}
			}
		})
	}
	all.Wait()
	assert.Len(t, stored, source.n)
	assert.Equal(t, source.refresh, stored[len(stored)-1], "the latest is stored last")
}

func TestClientsOfARunWithTheSameConfigurationShareTheAccessToken(t *testing.T) {
	tokens := 0
	source := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			tokens++
			fmt.Fprintf(w, `{"access_token":"a%d","refresh_token":"r%[1]d"}`, tokens)
			return
		}
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer a%d", tokens) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	newClient := func() *transport.Client {
		return transporttest.InMemory(t, source, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", RefreshToken: "r0"})))
	}
	run := runcredential.With(t.Context(), func(any, ...string) {})
	first, second := newClient(), newClient()
	for range 5 {
		for _, c := range []*transport.Client{first, second, newClient()} {
			_, err := c.Do(run, transport.Request{})
			require.NoError(t, err)
		}
	}
	assert.Equal(t, 1, tokens)
	tokens++ // the source revokes the token
	for range 5 {
		for _, c := range []*transport.Client{first, second, newClient()} {
			_, err := c.Do(run, transport.Request{})
			require.NoError(t, err)
		}
	}
	assert.Equal(t, 3, tokens)
}

func TestACanceledRequestDoesNotLoseItsNewRefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newRotator(t)
		source.delay = 300 * time.Millisecond
		type key struct{}
		stored := ""
		c := source.client(t, func(ctx context.Context, token string) error {
			assert.Equal(t, "v", ctx.Value(key{}))
			stored = token
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "v"))
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		_, err := c.Do(ctx, transport.Request{})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, source.refresh, stored)
		assert.Less(t, time.Since(start), time.Second)
		_, err = c.Do(t.Context(), transport.Request{})
		require.NoError(t, err, "its access token is used")
		assert.Equal(t, 1, source.n)
	})
}

func TestACanceledRequestDoesNotWaitForASilentTokenEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := transporttest.InMemory(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: tokenURL, ClientID: "id", RefreshToken: "r"})))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := c.Do(ctx, transport.Request{})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 1500*time.Millisecond, time.Since(start))
	})
}

func TestTheRunHidesTokensAndTheirSuccessors(t *testing.T) {
	hidden := map[string]bool{}
	run := runcredential.With(t.Context(), func(_ any, secrets ...string) {
		for _, secret := range secrets {
			hidden[secret] = true
		}
	})
	_, err := newRotator(t).client(t, nil).Do(run, transport.Request{})
	require.NoError(t, err)
	login := transporttest.InMemory(t, func(http.ResponseWriter, *http.Request) {}, transport.WithAuth(auth.Login(auth.LoginConfig{
		Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			return auth.AccessToken{Value: "session-0123456789"}, nil
		},
	})))
	_, err = login.Do(t.Context(), transport.Request{})
	require.NoError(t, err)
	_, err = login.Do(run, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"access-1-0123456789": true, "refresh-1-0123456789": true, "session-0123456789": true}, hidden,
		"also a token that was obtained before the run")
}
