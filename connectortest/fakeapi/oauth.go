package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// OAuth adds a token endpoint (RFC 6749) at a path, for one client. The access tokens
// that it issues are credentials of the API, like a [Bearer] token, until they expire
// or are revoked. An API has at most one token endpoint.
//
// Without [RefreshToken], the endpoint supports the grant client_credentials (§4.4).
// With it, the endpoint supports the grant refresh_token (§6) instead: each use
// replaces the refresh token and invalidates the old one.
//
// A client sends a POST request with a form. It authenticates with Basic credentials,
// whose name and password are form-encoded, or with the parameters client_id and
// client_secret (§2.3.1), but not with both. The endpoint does not require the
// credentials of the API, and its requests do not count against the [RateLimit].
//
// Errors have the JSON of §5.2, with error and error_description:
//
//   - invalid_client, with status 401
//   - invalid_grant, with status 400: the refresh token is unknown, replaced or revoked
//   - invalid_request: a parameter is missing, repeated or unknown, or is in the query,
//     or the body is not a form. [IgnoreParameters] allows further parameters, such as
//     an audience
//   - invalid_scope: a scope is not one of [Scopes]
//   - unauthorized_client: the grant is the other one of the two
//   - unsupported_grant_type: it is any other one
//
// The API rejects a request without a valid access token with status 401. If it has an
// expired, revoked or unknown one, the header WWW-Authenticate contains
// error="invalid_token" (RFC 6750 §3.1).
//
// Tokens are the same in each run of a test. [API.TokensIssued], [API.RefreshToken],
// [API.RevokeAccessTokens] and [API.RevokeRefreshToken] let a test look at them and
// revoke them.
func OAuth(path, clientID, clientSecret string, options ...OAuthOption) Option {
	return func(a *API) {
		o := &oauth{at: path, clientID: clientID, secret: clientSecret, lifetime: time.Hour, issuer: newIssuer()}
		for _, option := range options {
			option(o)
		}
		if clientID == "" {
			o.wrong("the client id is empty")
		}
		if clientSecret == "" && !o.refreshes {
			o.wrong("the client secret is empty: want one, unless there is a RefreshToken")
		}
		if a.oauth != nil {
			o.wrong("the API already has a token endpoint")
		}
		a.oauth = o
		a.errs = append(a.errs, o.errs...)
		a.credentials = append(a.credentials, o.credential())
		a.add(o)
	}
}

// An OAuthOption configures the token endpoint of [OAuth].
type OAuthOption func(*oauth)

// RefreshToken sets the first refresh token, which the user of a connector obtains
// when granting access. By default, there are no refresh tokens.
func RefreshToken(token string) OAuthOption {
	return func(o *oauth) {
		if token == "" {
			o.wrong("the refresh token is empty")
		}
		o.issuer.refresh = token
		o.refreshes = true
	}
}

// ExpiresIn sets the lifetime of access tokens, which is the expires_in of their
// responses. It is a whole number of seconds. The default is an hour.
func ExpiresIn(lifetime time.Duration) OAuthOption {
	return func(o *oauth) {
		if lifetime < time.Second || lifetime%time.Second != 0 {
			o.wrong("the lifetime of access tokens is %v: want a whole number of seconds, at least 1", lifetime)
		}
		o.lifetime = lifetime
	}
}

// Scopes sets the scopes that a client may request. A client that requests none gets
// all of them. By default, there are no scopes.
func Scopes(scopes ...string) OAuthOption {
	return func(o *oauth) {
		for _, scope := range scopes {
			if scope == "" || strings.ContainsFunc(scope, func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }) {
				o.wrong("%q is not a scope (RFC 6749 §3.3)", scope)
			}
		}
		o.scopes = scopes
	}
}

// TokensIssued returns how many access tokens [OAuth] has issued. Without a token
// endpoint, it fails the test.
func (a *API) TokensIssued() int {
	if !a.hasOAuth() {
		return 0
	}
	return a.oauth.issuer.issued()
}

// RefreshToken returns the valid refresh token of [OAuth], or "" if there is none or it
// has been revoked. Without a token endpoint, it fails the test.
func (a *API) RefreshToken() string {
	if !a.hasOAuth() {
		return ""
	}
	return a.oauth.issuer.currentRefresh()
}

// RevokeAccessTokens makes the API reject all access tokens that [OAuth] has issued so
// far. A client can obtain a new one. Without a token endpoint, it fails the test.
func (a *API) RevokeAccessTokens() {
	if a.hasOAuth() {
		a.oauth.issuer.revokeAccess()
	}
}

// RevokeRefreshToken makes the token endpoint of [OAuth] reject the refresh token, as
// if the user had withdrawn the access. Access tokens stay valid. Without a token
// endpoint, it fails the test.
func (a *API) RevokeRefreshToken() {
	if a.hasOAuth() {
		a.oauth.issuer.revokeRefresh()
	}
}

func (a *API) hasOAuth() bool {
	if a.oauth == nil {
		if a.t != nil {
			a.t.Helper()
		}
		a.report(errors.New("the API has no token endpoint: use the option OAuth"))
	}
	return a.oauth != nil
}

// An oauth is a token endpoint.
type oauth struct {
	at               string
	clientID, secret string
	refreshes        bool // it supports the grant refresh_token
	lifetime         time.Duration
	scopes           []string
	issuer           *issuer
	errs             []error
}

func (o *oauth) wrong(format string, args ...any) {
	o.errs = append(o.errs, fmt.Errorf("OAuth %s: %w", o.at, fmt.Errorf(format, args...)))
}

func (o *oauth) path() string { return o.at }

func (o *oauth) methods() []string { return []string{http.MethodPost} }

func (o *oauth) guards(*http.Request) bool { return true }

// credential returns the credential that admits requests with an access token.
func (o *oauth) credential() credential {
	return credential{
		header:    "Authorization",
		challenge: `Bearer realm="fakeapi"`,
		want:      "the header Authorization: Bearer <access token of " + o.at + ">",
		present:   func(r *http.Request) bool { return r.Header.Get("Authorization") != "" },
		valid:     func(r *http.Request) bool { return o.issuer.check(bearerToken(r)) == nil },
		problem: func(r *http.Request) error {
			if bearerToken(r) == "" {
				return nil
			}
			return o.issuer.check(bearerToken(r))
		},
	}
}

// bearerToken returns the bearer token of a request, or "".
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// scope returns the scopes for a request, or an error for an unknown one.
func (o *oauth) scope(requested string) (string, *oauthError) {
	names := strings.Fields(requested)
	for _, name := range names {
		if !slices.Contains(o.scopes, name) {
			has := "it has no scopes"
			if len(o.scopes) > 0 {
				has = "it has " + strings.Join(o.scopes, ", ")
			}
			return "", &oauthError{http.StatusBadRequest, "invalid_scope", fmt.Sprintf("the endpoint has no scope %q: %s", name, has)}
		}
	}
	if len(names) == 0 {
		names = o.scopes
	}
	return strings.Join(names, " "), nil
}
