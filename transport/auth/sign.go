package auth

import (
	"fmt"
	"io"
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
)

// Sign authenticates with a signature over the request, such as an HMAC. The function
// sign is called each time a request is sent, with its whole body, or nil if it has none.
// It adds headers or query parameters to the request, and must be safe for concurrent
// use. The secrets, such as the signing key, are hidden in errors and logs.
func Sign(sign func(req *http.Request, body []byte) error, secrets ...string) transport.Auth {
	return &signer{sign, secrets}
}

type signer struct {
	sign    func(*http.Request, []byte) error
	secrets []string
}

func (a *signer) Authenticate(r *http.Request) error {
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

func (a *signer) Secrets() []string          { return a.secrets }
func (a *signer) Format(f fmt.State, _ rune) { hide(f, "Sign") }
