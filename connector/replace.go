package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// ErrNotReplaced is wrapped by the error that [ReplaceSecret] returns if the
// platform cannot store new values or if there is no run.
var ErrNotReplaced error = notReplacedError{}

type notReplacedError struct{}

func (notReplacedError) Error() string {
	return "the platform cannot store new values of the configuration"
}

// NotStored tells auth.OAuth2 of package transport that nothing can store the value.
func (notReplacedError) NotStored() bool { return true }

// ReplaceSecret sends a new value of a configuration field to the platform. The
// platform stores the value and uses it in later runs. Use ReplaceSecret if the
// source replaces a credential whenever it is used, as OAuth 2.0 servers that
// rotate refresh tokens do (RFC 6749, section 6). With package auth of transport:
//
//	auth.OAuth2(auth.OAuth2Config{
//		RefreshToken: c.RefreshToken.Reveal(), // RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
//		Rotated: func(ctx context.Context, refreshToken string) error {
//			return connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
//		},
//		…
//	})
//
// The field is named as in the configuration. It must be a string or a [Secret]
// and must be tagged `jsonschema:"rotates"`. The field of the connector itself
// is not changed. The new value is masked like one passed to [Hide] until
// several later values of the field have replaced it.
//
// If ReplaceSecret returns nil, the value has been sent to the platform. The
// penstock tool and the connector's own command line store it in the
// configuration file.
//
// If the error wraps [ErrNotReplaced], the platform cannot store the value, and
// the next run starts with the old one. This applies to Singer. auth.OAuth2 then
// warns the user. A connector that knows another place should store the value
// there: a file on a disk that outlives the run, or a secret manager. The second
// example shows how. A state is not such a place, because platforms do not
// protect it, and a sync whose state contains a secret fails.
//
// ReplaceSecret returns [ErrClosed] once the run is being closed. It is safe for
// concurrent use.
func ReplaceSecret(ctx context.Context, field string, value Secret) error {
	s := services.From(ctx)
	if s == nil {
		return ErrNotReplaced
	}
	return s.ReplaceSecret(field, value.Reveal())
}
