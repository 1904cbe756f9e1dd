package auth

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"github.com/penstock-sdk/penstock/transport"
)

// JWTConfig configures [JWTBearer].
type JWTConfig struct {
	// TokenURL is the token endpoint, an absolute URL. Required.
	TokenURL string
	// Issuer is the iss claim of the assertion, such as the e-mail address of a service
	// account. Required.
	Issuer string
	// PrivateKey is the RSA key, in PEM, that signs the assertion (RS256). Required.
	PrivateKey string
	// KeyID is the kid of the key. Optional.
	KeyID string
	// Subject is the user to act for. Optional.
	Subject string
	// Scopes are the scopes to request. Optional.
	Scopes []string
	// Audience is the aud claim of the assertion. Optional; the default is TokenURL.
	Audience string
}

// Format prints the configuration without its secrets, for every verb of package fmt.
func (JWTConfig) Format(f fmt.State, _ rune) { hide(f, "JWTConfig") }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (JWTConfig) LogValue() slog.Value { return slog.StringValue(hidden("JWTConfig")) }

// JWTBearer authenticates with OAuth 2.0 access tokens that the source issues for an
// assertion signed with a private key (RFC 7523 §2.1), as is common for service
// accounts. In all other respects, it works like [OAuth2].
func JWTBearer(cfg JWTConfig) transport.Auth {
	s := newShared("JWTBearer", cfg.PrivateKey)
	s.configured = cfg.Issuer != "" && cfg.PrivateKey != ""
	config := jwt.Config{Email: cfg.Issuer, PrivateKey: []byte(cfg.PrivateKey), PrivateKeyID: cfg.KeyID, Subject: cfg.Subject,
		Scopes: slices.Clone(cfg.Scopes), TokenURL: cfg.TokenURL, Audience: cfg.Audience}
	s.useEndpoint(cfg.TokenURL, func(ctx context.Context) (*oauth2.Token, error) {
		if !s.configured {
			return nil, missing("issuer or private key")
		}
		return config.TokenSource(ctx).Token()
	})
	return &sharedAuth{shared: s}
}
