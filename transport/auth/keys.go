package auth

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// HeaderKey authenticates with a fixed key in a header, such as "X-Api-Key". If a word
// precedes the key in the header, write it before the key:
//
//	auth.HeaderKey("Authorization", "Token "+key)
//
// White space and line ends around the key are removed, because people paste them by
// mistake. If the key contains a control character or a character that is not in ASCII,
// requests fail with an error whose Configuration method returns true.
func HeaderKey(header, key string) transport.Auth {
	value := pasted.Trim(key)
	word, rest, found := strings.Cut(value, " ")
	switch {
	case found:
		// In "Token "+key, white space before the key comes after the word.
		value = word + " " + pasted.Trim(rest)
	case strings.HasPrefix(strings.TrimLeft(key, " "), word+" ") && !strings.ContainsAny(word, "0123456789"):
		// In "Token "+key, the key is empty. A key with a space after it has digits.
		value = ""
	}
	return &headerKey{header: header, key: value, given: pasted.Trim(key)}
}

type headerKey struct {
	header, key string
	given       string // the key with the spaces after its first word
}

func (a *headerKey) Authenticate(r *http.Request) error {
	if a.key == "" {
		return missing("API key")
	}
	if err := sendable("API key", a.key); err != nil {
		return err
	}
	r.Header.Set(a.header, a.key)
	return nil
}

// Configured reports whether there is a key. "Token " alone is not one.
func (a *headerKey) Configured() bool { return a.key != "" }

func (a *headerKey) Secrets() []string {
	if i := strings.LastIndexByte(a.key, ' '); i >= 0 {
		_, rest, _ := strings.Cut(a.given, " ")
		return []string{a.key, a.given, pasted.Trim(rest), a.key[i+1:]}
	}
	return []string{a.key}
}

func (a *headerKey) Format(f fmt.State, _ rune) { hide(f, "HeaderKey") }

// QueryKey authenticates with a fixed key in a query parameter, such as "api_key". It
// replaces a parameter of the same name and does not change the rest of the query. White
// space and line ends around the key are removed, because people paste them by mistake.
// The key does not appear in logs and errors, nor in redirects to other hosts.
// If the source also accepts a header, use [HeaderKey], because proxies and servers log
// URLs.
func QueryKey(param, key string) transport.Auth { return &queryKey{param, pasted.Trim(key)} }

type queryKey struct{ param, key string }

func (a *queryKey) Authenticate(r *http.Request) error {
	if a.key == "" {
		return missing("API key")
	}
	r.URL.RawQuery = query.Set(r.URL.RawQuery, a.param, a.key)
	return nil
}

func (a *queryKey) Configured() bool           { return a.key != "" }
func (a *queryKey) Secrets() []string          { return []string{a.key} }
func (a *queryKey) SecretParams() []string     { return []string{a.param} }
func (a *queryKey) Format(f fmt.State, _ rune) { hide(f, "QueryKey") }

// sendable returns an error if a credential cannot be sent in a header. The error
// describes the character that prevents it and does not repeat the credential.
func sendable(what, credential string) error {
	if problem := pasted.ControlOrNotASCII(credential); problem != "" {
		return unusable(what, problem)
	}
	return nil
}

func unusable(what, problem string) error {
	return configurationError{fmt.Errorf("the %s contains %s: enter it again without that character", what, problem)}
}

// hide prints a value of this package without its secrets. The values are pointers,
// because package fmt does not call Format for a value in an unexported field.
func hide(f fmt.State, name string) { _, _ = io.WriteString(f, hidden(name)) }

func hidden(name string) string { return "auth." + name + "(" + redact.Mask + ")" }
