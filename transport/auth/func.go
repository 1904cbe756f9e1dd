package auth

import (
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
)

// Func authenticates with a function, which adds credentials to a request as
// [transport.Auth] describes. The values that it adds are hidden in errors and logs
// only if the name of the parameter suggests a credential. Use [Sign] to name secrets.
type Func func(req *http.Request) error

// Authenticate calls f(req).
func (f Func) Authenticate(req *http.Request) error { return f(req) }

// None adds no credentials to requests. Pass it as the last argument of [FirstOf].
func None() transport.Auth { return Func(func(*http.Request) error { return nil }) }

// FirstOf authenticates with the first kind that is configured, for a connector that
// accepts either a token or a password:
//
//	auth.FirstOf(auth.Bearer(cfg.Token), auth.Basic(cfg.User, cfg.Password))
//
// A kind of this package is configured if its secret is not empty. Any other kind is
// configured unless it has a method Configured() bool that returns false. If no kind is
// configured, requests fail with an error whose Configuration method returns true. To
// send them without credentials instead, put [None] last.
func FirstOf(kinds ...transport.Auth) transport.Auth {
	for _, a := range kinds {
		if a == nil {
			continue
		}
		if c, ok := a.(interface{ Configured() bool }); !ok || c.Configured() {
			return a
		}
	}
	return Func(func(*http.Request) error { return missing("configuration of credentials") })
}
