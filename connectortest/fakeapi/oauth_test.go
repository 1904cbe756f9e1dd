package fakeapi_test

import (
	"context"
	"encoding/json"
	"fmt"
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

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// A tokenAnswer is a response of a token endpoint.
type tokenAnswer struct {
	status       int
	header       http.Header
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`
}

// requestToken sends a form to the token endpoint of an API. The headers are
// alternating names and values.
func requestToken(t *testing.T, api http.Handler, form string, header ...string) (got tokenAnswer) {
	t.Helper()
	r := httptest.NewRequest("POST", "/token", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	got.status, got.header = w.Code, w.Header()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), w.Body.String())
	return got
}

// readWith requests /x with an access token.
func readWith(t *testing.T, api http.Handler, token string) answer {
	t.Helper()
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

const (
	asClient = "&client_id=id&client_secret=s%26+%2F1"
	byClient = "grant_type=client_credentials" + asClient
)

func withOAuth(t *testing.T, options ...fakeapi.OAuthOption) *fakeapi.API {
	t.Helper()
	return fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.OAuth("/token", "id", "s& /1", options...))
}

func TestATokenIsIssuedAndExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := withOAuth(t, fakeapi.ExpiresIn(2*time.Minute))
		assert.Equal(t, 0, api.TokensIssued())
		for _, got := range []tokenAnswer{
			requestToken(t, api, byClient),
			requestToken(t, api, "grant_type=client_credentials", "Authorization", basicOf("id", "s& /1")),
			requestToken(t, api, "grant_type=client_credentials&client_id=id&client_secret=&scope=", "Authorization", basicOf("id", "s& /1")),
		} {
			require.Equal(t, 200, got.status, got.Description)
			assert.Equal(t, "Bearer", got.TokenType)
			assert.Equal(t, 120, got.ExpiresIn)
			assert.Empty(t, got.RefreshToken, "RFC 6749 §4.4.3")
			assert.Equal(t, "no-store", got.header.Get("Cache-Control"))
			assert.Equal(t, 200, readWith(t, api, got.AccessToken).status)
		}
		assert.Equal(t, 3, api.TokensIssued())

		token := requestToken(t, api, byClient).AccessToken
		time.Sleep(2*time.Minute - time.Nanosecond)
		assert.Equal(t, 200, readWith(t, api, token).status)
		time.Sleep(time.Nanosecond)
		got := readWith(t, api, token)
		assert.Equal(t, 401, got.status)
		assert.Equal(t, `{"error":"the access token has expired: want the header Authorization: Bearer <access token of /token>"}`, got.body)
		assert.Equal(t, `Bearer realm="fakeapi", error="invalid_token", error_description="the access token has expired"`, got.header.Get("WWW-Authenticate"))
	})
}

// basicOf returns the header Authorization of a client (RFC 6749 §2.3.1).
func basicOf(id, secret string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return r.Header.Get("Authorization")
}

func TestRequestsWithoutAValidAccessTokenAreRejected(t *testing.T) {
	api := withOAuth(t)
	none := inMemory(t, api, "/x")
	assert.Equal(t, 401, none.status)
	assert.Equal(t, `Bearer realm="fakeapi"`, none.header.Get("WWW-Authenticate"), "RFC 6750 §3.1: no error code without a token")
	assert.Contains(t, none.body, "missing credentials")
	assert.Contains(t, readWith(t, api, "access-1").body, "the access token is unknown")

	token := requestToken(t, api, byClient).AccessToken
	api.RevokeAccessTokens()
	assert.Contains(t, readWith(t, api, token).body, "the access token has been revoked")
	assert.Equal(t, 200, readWith(t, api, requestToken(t, api, byClient).AccessToken).status)
}

func TestARefreshTokenIsReplacedOnEachUse(t *testing.T) {
	api := withOAuth(t, fakeapi.RefreshToken("first-refresh-token"))
	refresh := func(token string) tokenAnswer {
		return requestToken(t, api, "grant_type=refresh_token&refresh_token="+url.QueryEscape(token)+asClient)
	}
	first := refresh("first-refresh-token")
	require.Equal(t, 200, first.status)
	second := refresh(first.RefreshToken)
	require.Equal(t, 200, second.status)
	assert.Equal(t, second.RefreshToken, api.RefreshToken())
	all := map[string]bool{"first-refresh-token": true}
	for _, token := range []string{first.AccessToken, first.RefreshToken, second.AccessToken, second.RefreshToken} {
		assert.False(t, all[token], "the tokens are distinct")
		all[token] = true
	}
	for token, want := range map[string]string{
		"first-refresh-token": "the refresh token has been replaced or revoked",
		first.RefreshToken:    "the refresh token has been replaced or revoked",
		first.AccessToken:     "the refresh token is unknown",
	} {
		got := refresh(token)
		assert.Equal(t, fmt.Sprint(400, "invalid_grant", want), fmt.Sprint(got.status, got.Error, got.Description))
	}
	assert.Equal(t, 200, readWith(t, api, first.AccessToken).status, "an access token outlives its refresh token")
	assert.Equal(t, 2, api.TokensIssued())

	api.RevokeRefreshToken()
	api.RevokeRefreshToken()
	assert.Empty(t, api.RefreshToken())
	assert.Equal(t, "invalid_grant", refresh(second.RefreshToken).Error)
	assert.Equal(t, 200, readWith(t, api, second.AccessToken).status)
}

func TestOneOfSeveralConcurrentRequestsRefreshes(t *testing.T) {
	api := withOAuth(t, fakeapi.RefreshToken("r"))
	var won atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r := httptest.NewRequest("POST", "/token", strings.NewReader("grant_type=refresh_token&refresh_token=r"+asClient))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code == 200 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, won.Load())
}

func TestMistakesInTokenRequestsHaveTheErrorsOfTheRFC(t *testing.T) {
	grants := withOAuth(t, fakeapi.Scopes("orders.read", "users"))
	refreshes := withOAuth(t, fakeapi.RefreshToken("r"))
	for _, tt := range []struct {
		api         *fakeapi.API
		form        string
		header      []string
		status      int
		code        string
		description string
	}{
		{grants, "grant_type=client_credentials&client_id=id&client_secret=no", nil, 401, "invalid_client", "the credentials of the client are wrong"},
		{grants, "grant_type=client_credentials&client_id=no&client_secret=s%26+%2F1", nil, 401, "invalid_client", "the credentials of the client are wrong"},
		{grants, "grant_type=client_credentials", nil, 401, "invalid_client", "the credentials of the client are missing"},
		{grants, "grant_type=client_credentials", []string{"Authorization", basicOf("id", "no")}, 401, "invalid_client", "the credentials of the client are wrong"},
		{grants, "grant_type=client_credentials", []string{"Authorization", "Bearer x"}, 401, "invalid_client", "the header Authorization has no Basic credentials"},
		{grants, byClient, []string{"Authorization", basicOf("id", "s& /1")}, 400, "invalid_request", "the client authenticates in the header Authorization and in the body"},
		{grants, "grant_type=client_credentials&client_id=x", []string{"Authorization", basicOf("id", "s& /1")}, 400, "invalid_request", "client_id differs"},
		{grants, "x=1" + asClient, nil, 400, "invalid_request", "the endpoint has no parameter 'x': it has grant_type, scope, client_id, client_secret; the option IgnoreParameters"},
		{grants, asClient[1:], nil, 400, "invalid_request", "the parameter grant_type is missing: want client_credentials"},
		{grants, byClient + "&scope=a&scope=b", nil, 400, "invalid_request", "the parameter scope occurs more than once"},
		{grants, byClient, []string{"Content-Type", "application/json"}, 400, "invalid_request", "the body is not a form: want the content type application/x-www-form-urlencoded"},
		{grants, "%zz", nil, 400, "invalid_request", "the form is malformed"},
		{grants, byClient + "&scope=users+ordres", nil, 400, "invalid_scope", "the endpoint has no scope 'ordres': it has orders.read, users"},
		{grants, "grant_type=refresh_token" + asClient, nil, 400, "unauthorized_client", "the client may not use the grant refresh_token: want client_credentials"},
		{grants, "grant_type=password" + asClient, nil, 400, "unsupported_grant_type", "the endpoint does not support this grant: want client_credentials"},
		{refreshes, byClient, nil, 400, "unauthorized_client", "the client may not use the grant client_credentials: want refresh_token"},
		{refreshes, "grant_type=refresh_token" + asClient, nil, 400, "invalid_request", "the parameter refresh_token is missing"},
		{refreshes, "grant_type=refresh_token&refresh_token=no" + asClient, nil, 400, "invalid_grant", "the refresh token is unknown"},
		{refreshes, "grant_type=refresh_token&refresh_token=r&scope=%22%5C%C3%A4" + asClient, nil, 400, "invalid_scope", "the endpoint has no scope '"},
	} {
		got := requestToken(t, tt.api, tt.form, tt.header...)
		assert.Equal(t, tt.status, got.status, tt.form)
		assert.Equal(t, tt.code, got.Error, tt.form)
		assert.Contains(t, got.Description, tt.description)
		assert.Regexp(t, "^[ !#-\\[\\]-~]*$", got.Description, "RFC 6749 §5.2")
		assert.Equal(t, tt.status == 401, got.header.Get("WWW-Authenticate") != "")
		assert.Equal(t, "no-store", got.header.Get("Cache-Control"))
	}
	assert.Equal(t, 0, grants.TokensIssued()+refreshes.TokensIssued())
	assert.Equal(t, "r", refreshes.RefreshToken(), "a rejected request does not use it up")

	r := httptest.NewRequest("POST", "/token?grant_type=client_credentials", strings.NewReader(asClient[1:]))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	grants.ServeHTTP(w, r)
	assert.Contains(t, w.Body.String(), "invalid_request")
	assert.Equal(t, 405, inMemory(t, grants, "/token").status)
}

func TestScopesAreGranted(t *testing.T) {
	api := withOAuth(t, fakeapi.Scopes("a", "b"))
	assert.Equal(t, "a b", requestToken(t, api, byClient).Scope)
	assert.Equal(t, "b", requestToken(t, api, byClient+"&scope=b").Scope)
}

func TestFurtherParametersOfTokenRequestsCanBeIgnored(t *testing.T) {
	api := fakeapi.New(t, fakeapi.OAuth("/token", "id", "s& /1"), fakeapi.IgnoreParameters("audience"))
	assert.Equal(t, 200, requestToken(t, api, byClient+"&audience=a").status)
}

func TestAClientWithoutASecretCanRefresh(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.OAuth("/token", "id", "", fakeapi.RefreshToken("r")))
	got := requestToken(t, api, "grant_type=refresh_token&refresh_token=r&client_id=id")
	assert.Equal(t, 200, readWith(t, api, got.AccessToken).status)
}

func TestTokenRequestsNeedNoOtherCredentialsAndDoNotCount(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.OAuth("/token", "id", "s& /1"), fakeapi.Bearer("static"),
		fakeapi.RateLimit(1, time.Hour))
	for range 3 {
		got := requestToken(t, api, byClient)
		assert.Equal(t, 200, got.status)
		assert.Empty(t, got.header.Get("X-RateLimit-Limit"))
	}
	assert.Equal(t, 200, readWith(t, api, "static").status)
}

func TestRequestsForTokensAreKeptWithoutSecrets(t *testing.T) {
	api := withOAuth(t, fakeapi.RefreshToken("hush-refresh"))
	requestToken(t, api, "grant_type=refresh_token&refresh_token=hush-refresh&client_id=id", "Authorization", basicOf("id", "hush"))
	requestToken(t, api, "grant_type=refresh_token&client_secret=hush;&client_id=id")
	requestToken(t, api, "grant_type=refresh_token&client_secret=hush&refresh_token=hush&client_id=id")
	assert.Equal(t, "client_id=id&grant_type=refresh_token", string(api.Requests()[0].Body))
	assert.NotContains(t, fmt.Sprint(api.Requests()), "hush")
	for _, r := range api.Requests() {
		assert.NotContains(t, string(r.Body), "hush")
	}
}

func TestRandomFaultsLoseNoRefreshToken(t *testing.T) {
	for seed := range uint64(20) {
		api := fakeapi.New(t, fakeapi.OAuth("/token", "id", "", fakeapi.RefreshToken("r")), fakeapi.Faults(1, seed))
		for api.TokensIssued() == 0 {
			func() {
				defer func() { _ = recover() }()
				requestToken(t, api, "grant_type=refresh_token&refresh_token=r&client_id=id")
				if api.TokensIssued() == 1 {
					return
				}
			}()
		}
		last := api.Requests()[len(api.Requests())-1]
		assert.Equal(t, 200, last.Status, "a token that is issued arrives")
	}
}

func TestAClientOfPackageTransportObtainsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.OAuth("/token", "id", "secret-0123456789", fakeapi.Scopes("read"), fakeapi.ExpiresIn(time.Hour)))
		client := clientOf(t, api, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL: "http://shop.test/token", ClientID: "id", ClientSecret: "secret-0123456789", Scopes: []string{"read"}})))
		read := func() {
			t.Helper()
			_, err := client.Do(t.Context(), transport.Request{Path: "/x"})
			require.NoError(t, err)
		}
		read()
		read()
		assert.Equal(t, 1, api.TokensIssued())
		time.Sleep(time.Hour)
		read()
		assert.Equal(t, 2, api.TokensIssued())
		api.RevokeAccessTokens()
		read()
		assert.Equal(t, 3, api.TokensIssued())
	})
}

func TestAClientOfPackageTransportStoresTheNewRefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.OAuth("/token", "id", "secret-0123456789", fakeapi.RefreshToken("refresh-0123456789")))
		stored := "refresh-0123456789"
		newClient := func() *transport.Client {
			return clientOf(t, api, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
				TokenURL: "http://shop.test/token", ClientID: "id", ClientSecret: "secret-0123456789", RefreshToken: stored,
				Rotated: func(_ context.Context, token string) error { stored = token; return nil },
			})))
		}
		for range 3 { // the runs of a connector
			_, err := newClient().Do(t.Context(), transport.Request{Path: "/x"})
			require.NoError(t, err)
			assert.Equal(t, api.RefreshToken(), stored)
		}
		assert.Equal(t, 3, api.TokensIssued())
		api.RevokeRefreshToken()
		_, err := newClient().Do(t.Context(), transport.Request{Path: "/x"})
		assert.ErrorContains(t, err, "invalid_grant")
	})
}

func TestInvalidTokenEndpointsFailTheTest(t *testing.T) {
	for want, options := range map[string][]fakeapi.Option{
		"OAuth /t: the client id is empty":          {fakeapi.OAuth("/t", "", "s")},
		"OAuth /t: the client secret is empty":      {fakeapi.OAuth("/t", "id", "")},
		"the refresh token is empty":                {fakeapi.OAuth("/t", "id", "s", fakeapi.RefreshToken(""))},
		"the lifetime of access tokens is 1.5s":     {fakeapi.OAuth("/t", "id", "s", fakeapi.ExpiresIn(1500*time.Millisecond))},
		"the lifetime of access tokens is 0s":       {fakeapi.OAuth("/t", "id", "s", fakeapi.ExpiresIn(0))},
		`"a b" is not a scope`:                      {fakeapi.OAuth("/t", "id", "s", fakeapi.Scopes("a b"))},
		"OAuth /u: the API already has a token":     {fakeapi.OAuth("/t", "id", "s"), fakeapi.OAuth("/u", "id", "s")},
		`"t" is not a path: want one that starts`:   {fakeapi.OAuth("t", "id", "s")},
		"/t: the path is invalid or taken":          {fakeapi.Object("/t", 1), fakeapi.OAuth("/t", "id", "s")},
		"the API has no token endpoint: use the op": nil,
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			api := fakeapi.New(f, options...)
			if options == nil {
				assert.Zero(t, api.TokensIssued())
				assert.Empty(t, api.RefreshToken())
				api.RevokeAccessTokens()
				api.RevokeRefreshToken()
			}
			assert.Contains(t, f.why, want)
		})
	}
}
