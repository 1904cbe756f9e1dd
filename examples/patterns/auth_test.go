package patterns_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// The source expects an API key in a header. HeaderKey sends it. If a word precedes the
// key, it is part of the value: HeaderKey("Authorization", "Token "+apiKey).
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

// The source expects an API key in the URL. QueryKey hides the key in logs and errors,
// which Request.Query does not.
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

// The source expects a user name and a password (HTTP Basic authentication). If it
// expects an API key as the user name, pass an empty password.
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

// The source issues a token that does not expire, or that the user replaces by hand.
// Bearer sends it as "Authorization: Bearer <token>".
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

// The source issues access tokens for the id and the secret of the connector. OAuth2
// without a RefreshToken obtains and renews them.
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

// A user has granted the connector access to the source, which issues access tokens for a
// refresh token. If the source replaces the refresh token each time it is used, see
// Example_rotatedRefreshToken: the old one no longer works.
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
			RefreshToken: refreshToken,
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
	run(read, refreshGrant)
	// Output:
	// 1 19.90
	// 2 5.00
}

// The source requires a login, which returns a token. Login calls the function before the
// first request, and again when the source refuses the token with 401. Header names the
// header of the token.
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
			Login: login, Header: "X-Session", Secrets: []string{password}, // to hide in errors
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

// The source requires a login, which sets a cookie. CookieLogin calls the function before
// the first request, and again when the source refuses the cookie with 401. The client
// sends the cookies. If they only keep a session together, use transport.WithCookies.
func Example_sessionCookie() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		login := func(ctx context.Context, client *transport.Client) error {
			form := url.Values{"user": {user}, "password": {password}}
			_, err := client.Do(ctx, transport.Request{Method: "POST", Path: "/login", Body: form})
			return err
		}
		client, err := transport.New(baseURL, transport.WithAuth(auth.CookieLogin(login, password)))
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
	run(read, cookieSessions())
	// Output:
	// 1 19.90
	// 2 5.00
}
