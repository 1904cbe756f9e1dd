package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// HeaderKey authenticates with a fixed key in a header, such as "X-Api-Key". A
// scheme in front of the key is part of the value: HeaderKey("Authorization",
// "Token "+key).
func HeaderKey(header, key string) Auth { return headerKey{header, key} }

type headerKey struct{ header, key string }

func (a headerKey) Authenticate(r *http.Request) error {
	if !a.Configured() {
		return missing("API key")
	}
	r.Header.Set(a.header, a.key)
	return nil
}

func (a headerKey) Configured() bool {
	// "Token " without a key is no key.
	return a.key != "" && !strings.HasSuffix(a.key, " ")
}

func (a headerKey) Secrets() []string {
	if i := strings.LastIndexByte(a.key, ' '); i >= 0 {
		return []string{a.key, a.key[i+1:]}
	}
	return []string{a.key}
}

func (a headerKey) Format(f fmt.State, _ rune) { hideIn(f, "HeaderKey") }

// QueryKey authenticates with a fixed key in a query parameter, such as
// "api_key". It replaces a parameter of that name which is there already. The
// key never appears in a log, an error, or a redirect to another host. Prefer a
// header where the source has one: proxies and servers log URLs.
func QueryKey(param, key string) Auth { return queryKey{param, key} }

type queryKey struct{ param, key string }

func (a queryKey) Authenticate(r *http.Request) error {
	if a.key == "" {
		return missing("API key")
	}
	q := r.URL.Query()
	q.Set(a.param, a.key)
	r.URL.RawQuery = q.Encode()
	return nil
}

func (a queryKey) Configured() bool           { return a.key != "" }
func (a queryKey) Secrets() []string          { return []string{a.key} }
func (a queryKey) SecretParams() []string     { return []string{a.param} }
func (a queryKey) Format(f fmt.State, _ rune) { hideIn(f, "QueryKey") }

// Basic authenticates with a user name and a password (RFC 7617). Either may be
// empty, as some sources take an API key for the one and nothing for the other,
// but not both.
func Basic(user, password string) Auth { return basic{user, password} }

type basic struct{ user, password string }

func (a basic) Authenticate(r *http.Request) error {
	if !a.Configured() {
		return missing("user name")
	}
	if strings.Contains(a.user, ":") {
		return configurationError{errors.New("a user name must not hold a colon (RFC 7617)")}
	}
	r.SetBasicAuth(a.user, a.password)
	return nil
}

func (a basic) Configured() bool { return a.user != "" || a.password != "" }

func (a basic) Secrets() []string {
	all := []string{a.password, base64.StdEncoding.EncodeToString([]byte(a.user + ":" + a.password))}
	if a.password == "" {
		all = append(all, a.user) // an API key in the user's place
	}
	return all
}

func (a basic) Format(f fmt.State, _ rune) { hideIn(f, "Basic") }

// Configured reports whether there is a token.
func (b bearer) Configured() bool { return b != "" }

// Sign authenticates with a signature over the request, such as an HMAC: sign
// is called each time a request is sent, with the whole of its body (nil where
// it has none), and adds its headers or query parameters. secrets are the
// values to hide in errors and logs, the signing key above all.
func Sign(sign func(req *http.Request, body []byte) error, secrets ...string) Auth {
	return signer{sign, secrets}
}

type signer struct {
	sign    func(*http.Request, []byte) error
	secrets []string
}

func (a signer) Authenticate(r *http.Request) error {
	var body []byte
	if r.GetBody != nil {
		b, err := r.GetBody()
		if err != nil {
			return err
		}
		body, err = io.ReadAll(b)
		_ = b.Close()
		if err != nil {
			return err
		}
		if len(body) == 0 {
			body = nil
		}
	}
	return a.sign(r, body)
}

func (a signer) Secrets() []string          { return a.secrets }
func (a signer) Format(f fmt.State, _ rune) { hideIn(f, "Sign") }

// FirstOf authenticates with the first of several kinds that is configured, for
// a connector that takes a token or a password or nothing:
//
//	transport.FirstOf(transport.Bearer(cfg.Token), transport.Basic(cfg.User, cfg.Password))
//
// A kind counts as configured if its secret is not empty, and one that is not
// of this package if it has no method Configured() bool, or that returns true.
// Where none is, requests fail with an error whose Configuration method
// reports true; put [NoAuth] last to send them without credentials.
func FirstOf(auths ...Auth) Auth {
	for _, a := range auths {
		if a == nil {
			continue
		}
		if c, ok := a.(interface{ Configured() bool }); !ok || c.Configured() {
			return a
		}
	}
	return AuthFunc(func(*http.Request) error { return missing("configuration of credentials") })
}

// NoAuth adds nothing to requests.
func NoAuth() Auth { return AuthFunc(func(*http.Request) error { return nil }) }

func hideIn(f fmt.State, name string) { _, _ = io.WriteString(f, "transport."+name+"(***)") }

// configurationError marks an error that the user must mend.
type configurationError struct{ error }

func (e configurationError) Configuration() bool { return true }
func (e configurationError) Unwrap() error       { return e.error }

// temporaryError marks an error that may pass.
type temporaryError struct{ error }

func (e temporaryError) Temporary() bool { return true }
func (e temporaryError) Unwrap() error   { return e.error }

// anonymous returns a client like c that adds no credentials, and whose
// requests take nothing of the budget: they are made in the midst of others
// that wait for them.
func (c *Client) anonymous() *Client {
	a := *c
	a.auth = nil
	a.limiter = nil
	return &a
}

// clientOf returns the client on whose behalf credentials are asked for.
func clientOf(ctx context.Context) (*Client, error) {
	k := attemptOf(ctx)
	if k == nil {
		return nil, errors.New("credentials that log in work only within a transport.Client")
	}
	return k.client, nil
}
