package patterns_test

import (
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// For a source that wants a key in a header. Look at HeaderKey: a word in front
// of the key is part of it, as in HeaderKey("Authorization", "Token "+apiKey).
func Example_apiKeyInHeader() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.HeaderKey("X-Api-Key", apiKey)))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, keyInHeader)
	// Output:
	// 1 19.90
	// 2 5.00
}

// For a source that wants a key in the URL. Look at QueryKey, which keeps the
// key out of logs and errors, as a parameter in Request.Query would not be.
func Example_apiKeyInQuery() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.QueryKey("api_key", apiKey)))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, keyInQuery)
	// Output:
	// 1 19.90
	// 2 5.00
}

// For a source that wants a user name and a password. Look at Basic; some want
// an API key as one of the two and nothing as the other.
func Example_basic() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.Basic(user, password)))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, basicAuth)
	// Output:
	// 1 19.90
	// 2 5.00
}

// For a source that gives out a token which lasts: "Authorization: Bearer ...".
// Look at Bearer.
func Example_bearer() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.Bearer(accessToken)))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, bearerAuth)
	// Output:
	// 1 19.90
	// 2 5.00
}

// For a source where the connector has an id and a secret of its own and gets
// access tokens for them. Look at OAuth2 without a RefreshToken.
func Example_oauth2ClientCredentials() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL:     baseURL + "/oauth/token",
			ClientID:     clientID,
			ClientSecret: clientSecret,
			Scopes:       []string{"orders.read"},
		})))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, clientCredentials)
	// Output:
	// 1 19.90
	// 2 5.00
}

// For a source that a user has given the connector access to. Look at Rotated: a
// source may replace the refresh token at each use, and the old one is then dead.
func Example_oauth2RefreshToken() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
			TokenURL:     baseURL + "/oauth/token",
			ClientID:     clientID,
			ClientSecret: clientSecret,
			RefreshToken: vault.Load(),
			Rotated:      vault.Save, // func(ctx context.Context, refreshToken string) error
		})))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	source := refreshTokens() // takes each refresh token once
	run(read, source)
	run(read, source)
	// Output:
	// 1 19.90
	// 2 5.00
	// 1 19.90
	// 2 5.00
}

// For a source that wants a login before anything else. Look at Login, which is
// called again when a session ends, and at Header, which says where its token goes.
func Example_sessionToken() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		login := func(ctx context.Context, client *transport.Client) (auth.AccessToken, error) {
			session, err := transport.Get[string](ctx, client, transport.Request{
				Method: "POST", Path: "/login", RecordsAt: "session",
				Body: map[string]string{"user": user, "password": password},
			})
			return auth.AccessToken{Value: session}, err
		}
		client, err := transport.New(baseURL, transport.WithAuth(auth.Login(auth.LoginConfig{
			Login: login, Header: "X-Session", Secrets: []string{password},
		})))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, sessions())
	// Output:
	// 1 19.90
	// 2 5.00
}
