package auth

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport"
)

// JWTConfig configures [JWTBearer]. White space and invisible characters around its
// texts, which a paste adds, are removed.
type JWTConfig struct {
	// TokenURL is the token endpoint, an absolute URL. Required.
	TokenURL string
	// Issuer is the iss claim of the assertion, such as the e-mail address of a service
	// account. Required.
	Issuer string
	// PrivateKey is the RSA key that signs the assertion (RS256): a PKCS #8 or PKCS #1
	// key in PEM, without a passphrase. The line breaks of the PEM text may be missing or
	// written as \n, and its lines may be indented, as happens when a key is pasted into a
	// form or an environment variable. Required.
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
// accounts. If the key cannot be read, requests fail with an error that says why, and whose
// Configuration method returns true. In all other respects, JWTBearer works like [OAuth2].
func JWTBearer(cfg JWTConfig) transport.Auth {
	cfg.Scopes = slices.Clone(cfg.Scopes)
	for _, text := range []*string{&cfg.TokenURL, &cfg.Issuer, &cfg.KeyID, &cfg.Subject, &cfg.Audience} {
		*text = pasted.Trim(*text)
	}
	s := newShared("JWTBearer", keySpellings(cfg.PrivateKey)...)
	s.configured = cfg.Issuer != "" && strings.TrimSpace(cfg.PrivateKey) != ""
	s.setPlace()
	endpoint := &tokenEndpoint{url: cfg.TokenURL, style: noClient, redact: s.redact,
		hint: "the source does not accept the assertion: check the issuer, the private key, the subject and the clock of this computer"}
	key := sync.OnceValues(func() (*rsa.PrivateKey, error) { return parsePrivateKey(cfg.PrivateKey) })
	s.obtain = func(ctx context.Context, c *transport.Client) (AccessToken, error) {
		if !s.configured {
			return AccessToken{}, missing("issuer or private key")
		}
		key, err := key()
		if err != nil {
			return AccessToken{}, configurationError{fmt.Errorf("the private key cannot be read: %w", err)}
		}
		assertion, err := cfg.assertion(key, time.Now())
		if err != nil {
			return AccessToken{}, configurationError{fmt.Errorf("the private key cannot sign: %w", err)}
		}
		s.remember(assertion)
		return endpoint.accessToken(ctx, c, url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion},
		})
	}
	return &sharedAuth{shared: s}
}

// clockSkew is how far the clock of this computer may be ahead of the source's.
const clockSkew = 10 * time.Second

// assertion returns a signed assertion (RFC 7523 §3) that is valid for an hour.
func (cfg JWTConfig) assertion(key *rsa.PrivateKey, now time.Time) (string, error) {
	issued := now.Add(-clockSkew)
	header := struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		KeyID     string `json:"kid,omitempty"`
	}{"RS256", "JWT", cfg.KeyID}
	claims := struct {
		Issuer    string `json:"iss"`
		Scope     string `json:"scope,omitempty"`
		Audience  string `json:"aud"`
		Expires   int64  `json:"exp"`
		Issued    int64  `json:"iat"`
		Subject   string `json:"sub,omitempty"`
		Principal string `json:"prn,omitempty"` // sub in drafts of RFC 7523, which some sources still read
	}{cfg.Issuer, strings.Join(cfg.Scopes, " "), cmp.Or(cfg.Audience, cfg.TokenURL), issued.Add(time.Hour).Unix(), issued.Unix(), cfg.Subject, cfg.Subject}
	var parts []string
	for _, part := range []any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	signed := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
