package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport"
)

// Basic authenticates with a user name and a password (RFC 7617). One of them may be
// empty, as for sources that take an API key as the user name. Line ends around both, and
// spaces around the user name, are removed, because people paste them by mistake. RFC 7617
// allows no control character in either, and no colon in the user name. With such a
// character, requests fail with an error whose Configuration method returns true.
// Characters that are not in ASCII are sent in UTF-8.
func Basic(user, password string) transport.Auth {
	return &basic{pasted.Trim(user), pasted.TrimLineEnds(password)}
}

type basic struct{ user, password string }

func (a *basic) Authenticate(r *http.Request) error {
	if !a.Configured() {
		return missing("user name")
	}
	if strings.Contains(a.user, ":") {
		return configurationError{errors.New("a user name must not contain a colon (RFC 7617)")}
	}
	if problem := pasted.Control(a.user); problem != "" {
		return unusable("user name", problem)
	}
	if problem := pasted.Control(a.password); problem != "" {
		return unusable("password", problem)
	}
	r.SetBasicAuth(a.user, a.password)
	return nil
}

func (a *basic) Configured() bool { return a.user != "" || a.password != "" }

func (a *basic) Secrets() []string {
	all := []string{a.password, base64.StdEncoding.EncodeToString([]byte(a.user + ":" + a.password))}
	if a.password == "" {
		all = append(all, a.user) // it is an API key
	}
	return all
}

func (a *basic) Format(f fmt.State, _ rune) { hide(f, "Basic") }
