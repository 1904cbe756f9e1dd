package auth

import (
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport"
)

// Bearer authenticates with a fixed token in the Authorization header (RFC 6750 §2.1).
// White space and line ends around the token are removed, because people paste them by
// mistake. If the token contains a control character or a character that is not in ASCII,
// requests fail with an error whose Configuration method returns true.
func Bearer(token string) transport.Auth { return &bearer{pasted.Trim(token)} }

type bearer struct{ token string }

func (b *bearer) Authenticate(r *http.Request) error {
	if b.token == "" {
		return missing("token")
	}
	if err := sendable("token", b.token); err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	return nil
}

func (b *bearer) Configured() bool           { return b.token != "" }
func (b *bearer) Secrets() []string          { return []string{b.token} }
func (b *bearer) Format(f fmt.State, _ rune) { hide(f, "Bearer") }
