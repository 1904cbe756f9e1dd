package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// show is a source that responds with the credentials of the request.
func show(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/login" || r.URL.Path == "/oauth/token" {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t1","token_type":"bearer","expires_in":3600}`)
		return
	}
	fmt.Fprintf(w, `"%s%s"`, r.Header.Get("Authorization")+r.Header.Get("X-Api-Key"), r.URL.RawQuery)
}

// printResponse sends a request and prints the response.
func printResponse(client *transport.Client) {
	fmt.Println(transport.Get[string](context.Background(), client, transport.Request{Path: "/orders"}))
}

func ExampleBearer() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.Bearer("token"))))
	// Output: Bearer token <nil>
}

func ExampleHeaderKey() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.HeaderKey("X-Api-Key", "key"))))
	printResponse(transporttest.Client(show, transport.WithAuth(auth.HeaderKey("Authorization", "Token key"))))
	// Output:
	// key <nil>
	// Token key <nil>
}

func ExampleQueryKey() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.QueryKey("api_key", "key"))))
	// Output: api_key=key <nil>
}

func ExampleBasic() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.Basic("user", "password"))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// The configuration has either a token or a user name and a password.
func ExampleFirstOf() {
	var config struct{ Token, User, Password string }
	config.User, config.Password = "user", "password"

	printResponse(transporttest.Client(show, transport.WithAuth(auth.FirstOf(
		auth.Bearer(config.Token),
		auth.Basic(config.User, config.Password),
	))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// With client credentials, the connector acts for itself.
func ExampleOAuth2() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: "https://api.example.com/oauth/token",
		ClientID: "connector", ClientSecret: "secret",
		Scopes: []string{"orders.read"},
	}))))
	// Output: Bearer t1 <nil>
}

// With a refresh token, the connector acts for a user. The source may replace the
// token each time it is used.
func ExampleOAuth2_refreshToken() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: "https://api.example.com/oauth/token",
		ClientID: "connector", ClientSecret: "secret",
		RefreshToken: "r0",
		Rotated: func(ctx context.Context, refreshToken string) error {
			// A connector of this module returns
			// connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
			// so that the platform stores it for the next run.
			return nil
		},
	}))))
	// Output: Bearer t1 <nil>
}

// A service account signs its requests for access tokens with a private key.
func ExampleJWTBearer() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{
		TokenURL:   "https://api.example.com/oauth/token",
		Issuer:     "connector@example.com",
		PrivateKey: privateKey(), // "-----BEGIN RSA PRIVATE KEY-----..."
	}))))
	// Output: Bearer t1 <nil>
}

// The source requires a login, which returns a token.
func ExampleLogin() {
	printResponse(transporttest.Client(show, transport.WithAuth(auth.Login(auth.LoginConfig{
		Login: func(ctx context.Context, client *transport.Client) (auth.AccessToken, error) {
			token, err := transport.Get[string](ctx, client, transport.Request{
				Method: "POST", Path: "/login", Body: map[string]string{"user": "u", "password": "p"}, RecordsAt: "access_token",
			})
			return auth.AccessToken{Value: token, Expires: time.Now().Add(time.Hour)}, err
		},
		Secrets: []string{"p"},
	}))))
	// Output: Bearer t1 <nil>
}

// Each request is signed over its method, path and body.
func ExampleSign() {
	const key = "signing key"
	printResponse(transporttest.Client(show, transport.WithAuth(auth.Sign(func(r *http.Request, body []byte) error {
		mac := hmac.New(sha256.New, []byte(key))
		fmt.Fprintf(mac, "%s\n%s\n%s", r.Method, r.URL.Path, body)
		r.Header.Set("Authorization", "HMAC "+hex.EncodeToString(mac.Sum(nil))[:16])
		return nil
	}, key))))
	// Output: HMAC 83a44598d5afc84f <nil>
}

// A connector for sources with and without authentication uses None if the
// configuration has no token.
func ExampleNone() {
	var config struct{ Token string }

	printResponse(transporttest.Client(show, transport.WithAuth(auth.FirstOf(
		auth.Bearer(config.Token),
		auth.None(),
	))))
	// Output: <nil>
}

// The key changes from request to request.
func ExampleFunc() {
	keys := []string{"key-1", "key-2"}
	client := transporttest.Client(show, transport.WithAuth(auth.Func(func(r *http.Request) error {
		r.Header.Set("X-Api-Key", keys[0])
		keys = keys[1:]
		return nil
	})))
	printResponse(client)
	printResponse(client)
	// Output:
	// key-1 <nil>
	// key-2 <nil>
}

// The login sets a cookie, which the client sends with all requests.
func ExampleCookieLogin() {
	source := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "session-1", Path: "/"})
			return
		}
		fmt.Fprintf(w, "%q", r.Header.Get("Cookie"))
	}
	login := func(ctx context.Context, client *transport.Client) error {
		_, err := client.Do(ctx, transport.Request{Method: "POST", Path: "/login", Body: map[string]string{"user": "a", "password": "password"}})
		return err
	}
	printResponse(transporttest.Client(source, transport.WithAuth(auth.CookieLogin(login, "password"))))
	// Output: sid=session-1 <nil>
}
