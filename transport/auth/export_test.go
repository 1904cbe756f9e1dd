package auth

import (
	"crypto/rsa"
	"time"
)

// A TokenAnswer is what a body of a token endpoint says.
type TokenAnswer struct {
	Access, Refresh string
	Lifetime        time.Duration
}

// ParseTokenAnswer parses the body of a response of a token endpoint.
func ParseTokenAnswer(body []byte) (TokenAnswer, error) {
	a, err := parseTokenAnswer(body)
	return TokenAnswer{a.accessToken, a.refreshToken, a.lifetime}, err
}

// ParsePrivateKey parses a private key.
func ParsePrivateKey(text string) (*rsa.PrivateKey, error) { return parsePrivateKey(text) }
