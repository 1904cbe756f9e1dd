package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
)

// CookieLogin authenticates with the cookies that a login sets, for a source without
// tokens. The client keeps cookies as with [transport.WithCookies], which need not be
// passed. The function login sends the request that sets the cookies. It is called before
// the first request, and when the source responds with 401, after which the request is
// repeated once. Its client adds no credentials and shares the cookies. It is called by
// one goroutine at a time for each client. The secrets, such as the password, are hidden
// in errors and logs.
//
// Many logins respond to a POST with a 302 that sets the cookies. The client does not
// follow this redirect and returns an error. Accept it with a [transport.Rule] whose action
// is [transport.DoIgnore]:
//
//	transport.Rule{Status: http.StatusFound, Do: transport.DoIgnore, When: func(r *transport.Response) bool {
//		return strings.HasSuffix(r.Header.Get("Location"), "/home")
//	}}
//
// Every client that uses the value logs in separately, because it has its own cookies.
func CookieLogin(login func(ctx context.Context, client *transport.Client) error, secrets ...string) transport.Auth {
	return newCookieLogin(login, secrets, nil)
}

func newCookieLogin(login func(context.Context, *transport.Client) error, secrets []string, client *transport.Client) *cookieLogin {
	s := newShared("CookieLogin", secrets...)
	s.counts = true
	logins := 0 // guarded by the turn of s
	s.obtain = func(ctx context.Context, c *transport.Client) (AccessToken, error) {
		if login == nil {
			return AccessToken{}, errors.New("auth.CookieLogin: login is required")
		}
		if err := login(ctx, c); err != nil {
			return AccessToken{}, fmt.Errorf("log in: %w", err)
		}
		logins++
		return AccessToken{Value: strconv.Itoa(logins)}, nil
	}
	return &cookieLogin{shared: s, login: login, client: client}
}

// A cookieLogin is a login as used by one client. Its token is the number of the login,
// which tells the requests before a login from those after it.
type cookieLogin struct {
	*shared
	login  func(context.Context, *transport.Client) error
	client *transport.Client
}

// loginKey is the key of the number of the login in the context of a request.
type loginKey struct{}

// ForClient implements an optional method of transport.Auth.
func (a *cookieLogin) ForClient(c *transport.Client) transport.Auth {
	return newCookieLogin(a.login, a.secrets, c)
}

// NeedsCookies implements an optional method of transport.Auth.
func (a *cookieLogin) NeedsCookies() bool { return true }

func (a *cookieLogin) Authenticate(r *http.Request) error {
	number, err := a.get(r.Context(), a.client, "")
	if err != nil {
		return err
	}
	*r = *r.WithContext(context.WithValue(r.Context(), loginKey{}, number))
	return nil
}

// Refresh logs in again, unless another goroutine has done so since req was sent.
func (a *cookieLogin) Refresh(ctx context.Context, req *http.Request) error {
	used, _ := req.Context().Value(loginKey{}).(string)
	_, err := a.get(ctx, a.client, used)
	return err
}
