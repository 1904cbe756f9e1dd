package transport_test

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
)

// api returns a client of a small API, which is in memory so that the examples
// show the client's side alone.
func api(h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	client, err := transport.New("https://api.example.com", append(opts, transport.WithRoundTripper(memory{h}))...)
	if err != nil {
		panic(err)
	}
	return client
}

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
	printAnswer(api(show, transport.WithAuth(transport.Bearer("token"))))
	// Output: Bearer token <nil>
}

func ExampleHeaderKey() {
	printAnswer(api(show, transport.WithAuth(transport.HeaderKey("X-Api-Key", "key"))))
	printAnswer(api(show, transport.WithAuth(transport.HeaderKey("Authorization", "Token key"))))
	// Output:
	// key <nil>
	// Token key <nil>
}

func ExampleQueryKey() {
	printAnswer(api(show, transport.WithAuth(transport.QueryKey("api_key", "key"))))
	// Output: api_key=key <nil>
}

func ExampleBasic() {
	printAnswer(api(show, transport.WithAuth(transport.Basic("user", "password"))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// A connector that takes a token or a user name and a password.
func ExampleFirstOf() {
	var config struct{ Token, User, Password string }
	config.User, config.Password = "user", "password"

	printAnswer(api(show, transport.WithAuth(transport.FirstOf(
		transport.Bearer(config.Token),
		transport.Basic(config.User, config.Password),
	))))
	// Output: Basic dXNlcjpwYXNzd29yZA== <nil>
}

// Client credentials: the connector has an identity of its own.
func ExampleOAuth2() {
	printAnswer(api(show, transport.WithAuth(transport.OAuth2(transport.OAuth2Config{
		TokenURL: "https://api.example.com/oauth/token",
		ClientID: "connector", ClientSecret: "secret",
		Scopes: []string{"orders.read"},
	}))))
	// Output: Bearer t1 <nil>
}

// A refresh token that the source may replace at each use.
func ExampleOAuth2_refreshToken() {
	printAnswer(api(show, transport.WithAuth(transport.OAuth2(transport.OAuth2Config{
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

	printAnswer(api(show, transport.WithAuth(transport.JWTBearer(transport.JWTConfig{
		TokenURL:   "https://api.example.com/oauth/token",
		Issuer:     "connector@example.com",
		PrivateKey: string(private),
	}))))
	// Output: Bearer t1 <nil>
}

// A source that wants a login first.
func ExampleSession() {
	printAnswer(api(show, transport.WithAuth(transport.Session(transport.SessionConfig{
		Login: func(ctx context.Context, client *transport.Client) (transport.Token, error) {
			token, err := transport.Get[string](ctx, client, transport.Request{
				Method: "POST", Path: "/login", Body: map[string]string{"user": "u", "password": "p"}, Records: "access_token",
			})
			return transport.Token{Value: token, Expires: time.Now().Add(time.Hour)}, err
		},
		Secrets: []string{"p"},
	}))))
	// Output: Bearer t1 <nil>
}

// A signature over the method, the path and the body.
func ExampleSign() {
	const key = "signing key"
	printAnswer(api(show, transport.WithAuth(transport.Sign(func(r *http.Request, body []byte) error {
		mac := hmac.New(sha256.New, []byte(key))
		fmt.Fprintf(mac, "%s\n%s\n%s", r.Method, r.URL.Path, body)
		r.Header.Set("Authorization", "HMAC "+hex.EncodeToString(mac.Sum(nil))[:16])
		return nil
	}, key))))
	// Output: HMAC 83a44598d5afc84f <nil>
}

func ExampleAuthFunc() {
	printAnswer(api(show, transport.WithAuth(transport.AuthFunc(func(r *http.Request) error {
		r.Header.Set("X-Api-Key", "from somewhere else")
		return nil
	}))))
	// Output: from somewhere else <nil>
}

func ExampleWithLimit() {
	client := api(show, transport.WithLimit(transport.Limit{PerMinute: 600, Burst: 10, Concurrent: 4}))
	printAnswer(client)
	// Output: <nil>
}

// Two clients that share one budget.
func ExampleNewLimiter() {
	limiter, err := transport.NewLimiter(transport.Limit{PerSecond: 100})
	if err != nil {
		fmt.Println(err)
	}
	orders := api(show, transport.WithLimiter(limiter))
	customers := api(show, transport.WithLimiter(limiter), transport.WithAuth(transport.Bearer("t")))
	printAnswer(orders)
	printAnswer(customers)
	// Output:
	// <nil>
	// Bearer t <nil>
}

// A source that reports with 200 that it is busy, and with 404 that there is
// nothing.
func ExampleWithRules() {
	answers := []string{`{"error":"busy"}`, `{"data":1}`}
	client := api(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/nothing" {
			w.WriteHeader(404)
			return
		}
		fmt.Fprint(w, answers[0])
		answers = answers[1:]
	}, transport.WithRetry(transport.Retry{Base: time.Millisecond}), transport.WithRules(
		transport.Rule{Status: 404, Do: transport.DoIgnore},
		transport.Rule{When: func(r *transport.Response) bool { return string(r.Body) == `{"error":"busy"}` }, Do: transport.DoRepeat},
	), transport.WithLogger(quiet))

	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{Records: "data"}))
	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{Path: "/nothing"}))
	// Output:
	// 1 <nil>
	// 0 <nil>
}
