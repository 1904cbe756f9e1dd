package auth

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
)

// HeaderKey authenticates with a fixed key in a header, such as "X-Api-Key". If a word
// precedes the key in the header, it is part of the value:
//
//	auth.HeaderKey("Authorization", "Token "+key)
func HeaderKey(header, key string) transport.Auth { return &headerKey{header, key} }

type headerKey struct{ header, key string }

func (a *headerKey) Authenticate(r *http.Request) error {
	if !a.Configured() {
		return missing("API key")
	}
	r.Header.Set(a.header, a.key)
	return nil
}

// Configured reports whether there is a key. "Token " alone is not one.
func (a *headerKey) Configured() bool { return a.key != "" && !strings.HasSuffix(a.key, " ") }

func (a *headerKey) Secrets() []string {
	if i := strings.LastIndexByte(a.key, ' '); i >= 0 {
		return []string{a.key, a.key[i+1:]}
	}
	return []string{a.key}
}

func (a *headerKey) Format(f fmt.State, _ rune) { hide(f, "HeaderKey") }

// QueryKey authenticates with a fixed key in a query parameter, such as "api_key". It
// replaces a parameter of the same name. The key does not appear in logs and errors, nor
// in redirects to other hosts. If the source also accepts a header, use [HeaderKey],
// because proxies and servers log URLs.
func QueryKey(param, key string) transport.Auth { return &queryKey{param, key} }

type queryKey struct{ param, key string }

func (a *queryKey) Authenticate(r *http.Request) error {
	if a.key == "" {
		return missing("API key")
	}
	q := r.URL.Query()
	q.Set(a.param, a.key)
	r.URL.RawQuery = q.Encode()
	return nil
}

func (a *queryKey) Configured() bool           { return a.key != "" }
func (a *queryKey) Secrets() []string          { return []string{a.key} }
func (a *queryKey) SecretParams() []string     { return []string{a.param} }
func (a *queryKey) Format(f fmt.State, _ rune) { hide(f, "QueryKey") }

// hide prints a value of this package without its secrets. The values are pointers,
// because package fmt does not call Format for a value in an unexported field.
func hide(f fmt.State, name string) { _, _ = io.WriteString(f, hidden(name)) }

func hidden(name string) string { return "auth." + name + "(***)" }
