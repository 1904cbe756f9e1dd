package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// show is an API that answers with what it got as credentials.
func show(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/login" || r.URL.Path == "/oauth/token" {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"t1","token_type":"bearer","expires_in":3600}`)
		return
	}
	fmt.Fprintf(w, `"%s%s"`, r.Header.Get("Authorization")+r.Header.Get("X-Api-Key"), r.URL.RawQuery)
}

func printAnswer(client *transport.Client) {
	fmt.Println(transport.Get[string](context.Background(), client, transport.Request{Path: "/orders"}))
}

func ExampleBearer() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.Bearer("token"))))
	// Output: Bearer token <nil>
}

func ExampleHeaderKey() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.HeaderKey("X-Api-Key", "key"))))
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.HeaderKey("Authorization", "Token key"))))
	// Output:
	// key <nil>
	// Token key <nil>
}

func ExampleQueryKey() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.QueryKey("api_key", "key"))))
	// Output: api_key=key <nil>
}

func ExampleBasic() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.Basic("user", "password"))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// A connector that takes a token or a user name and a password.
func ExampleFirstOf() {
	var config struct{ Token, User, Password string }
	config.User, config.Password = "user", "password"

	printAnswer(transporttest.Client(show, transport.WithAuth(auth.FirstOf(
		auth.Bearer(config.Token),
		auth.Basic(config.User, config.Password),
	))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// Client credentials: the connector has an identity of its own.
func ExampleOAuth2() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: "https://api.example.com/oauth/token",
		ClientID: "connector", ClientSecret: "secret",
		Scopes: []string{"orders.read"},
	}))))
	// Output: Bearer t1 <nil>
}

// A refresh token that the source may replace at each use.
func ExampleOAuth2_refreshToken() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.OAuth2(auth.OAuth2Config{
		TokenURL: "https://api.example.com/oauth/token",
		ClientID: "connector", ClientSecret: "secret",
		RefreshToken: "r0",
		Rotated: func(ctx context.Context, refreshToken string) error {
			return nil // keep it where the next run finds it
		},
	}))))
	// Output: Bearer t1 <nil>
}

// A service account, which signs with its private key.
func ExampleJWTBearer() {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})

	printAnswer(transporttest.Client(show, transport.WithAuth(auth.JWTBearer(auth.JWTConfig{
		TokenURL:   "https://api.example.com/oauth/token",
		Issuer:     "connector@example.com",
		PrivateKey: string(private),
	}))))
	// Output: Bearer t1 <nil>
}

// A source that wants a login first.
func ExampleLogin() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.Login(auth.LoginConfig{
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

// A signature over the method, the path and the body.
func ExampleSign() {
	const key = "signing key"
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.Sign(func(r *http.Request, body []byte) error {
		mac := hmac.New(sha256.New, []byte(key))
		fmt.Fprintf(mac, "%s\n%s\n%s", r.Method, r.URL.Path, body)
		r.Header.Set("Authorization", "HMAC "+hex.EncodeToString(mac.Sum(nil))[:16])
		return nil
	}, key))))
	// Output: HMAC 83a44598d5afc84f <nil>
}

func ExampleFunc() {
	printAnswer(transporttest.Client(show, transport.WithAuth(auth.Func(func(r *http.Request) error {
		r.Header.Set("X-Api-Key", "from somewhere else")
		return nil
	}))))
	// Output: from somewhere else <nil>
}
