package connector

import (
	"context"
	"errors"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// ErrNotReplaced is wrapped by the error of [ReplaceSecret] if the platform
// cannot store a new value.
var ErrNotReplaced = errors.New("the platform cannot store a new value of the configuration")

// ReplaceSecret hands a new value of a field of the configuration to the
// platform, which stores it and gives it to later runs. It is for sources that
// replace a credential whenever it is used, such as OAuth 2.0 servers that
// rotate refresh tokens (RFC 6749, section 6). The field is named as in the
// configuration and has to be a text or a [Secret] that is tagged
// `jsonschema:"rotates"`. The connector's own field keeps the value that it
// has, and the new value is hidden as [Hide] does it.
//
// When ReplaceSecret returns nil, the value has been handed to the platform.
// An error that wraps [ErrNotReplaced] says that the platform has no place for
// it, so that the next run begins with the old value: the connector should then
// store the value itself, or warn the user. Once the run is being closed it is too
// late: ReplaceSecret returns [ErrClosed]. It is safe for concurrent use.
func ReplaceSecret(ctx context.Context, field string, value Secret) error {
	s := services.From(ctx)
	if s == nil {
		return ErrNotReplaced
	}
	return s.ReplaceSecret(field, value.Reveal())
}
