package auth

import (
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
)

// Bearer authenticates with a fixed token in the Authorization header (RFC 6750 §2.1).
func Bearer(token string) transport.Auth { return &bearer{token} }

type bearer struct{ token string }

func (b *bearer) Authenticate(r *http.Request) error {
	if b.token == "" {
		return missing("token")
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	return nil
}

func (b *bearer) Configured() bool           { return b.token != "" }
func (b *bearer) Secrets() []string          { return []string{b.token} }
func (b *bearer) Format(f fmt.State, _ rune) { hide(f, "Bearer") }
