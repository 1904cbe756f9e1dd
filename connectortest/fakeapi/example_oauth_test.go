package fakeapi_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// The client stores each new refresh token, so that its next run can use it.
func ExampleOAuth() {
	api := fakeapi.New(nil, fakeapi.Object("/ping", "pong"),
		fakeapi.OAuth("/oauth/token", "my-client", "my-secret",
			fakeapi.RefreshToken("refresh-0"), fakeapi.ExpiresIn(time.Hour)))
	srv := httptest.NewServer(api)
	defer srv.Close()

	stored := "refresh-0"
	client, err := transport.New(srv.URL, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: srv.URL + "/oauth/token", ClientID: "my-client", ClientSecret: "my-secret", RefreshToken: stored,
		Rotated: func(_ context.Context, token string) error { stored = token; return nil },
	})))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		pong, err := transport.Get[string](context.Background(), client, transport.Request{Path: "/ping"})
		fmt.Println(pong, err, api.TokensIssued(), stored == api.RefreshToken())
		api.RevokeAccessTokens()
	}
	show(srv.URL + "/ping")
	// Output:
	// pong <nil> 1 true
	// pong <nil> 2 true
	// 401 {"error":"missing credentials: want the header Authorization: Bearer <access token of /oauth/token>"}
}
