package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// Hide tells the run that ctx belongs to of secrets that are not in the
// configuration, such as an access token that the source has just issued. From
// then on they are treated like the values of [Secret] fields: removed from
// logs, errors, warnings and rows, and refused in states. Outside a run, and
// for empty values, Hide does nothing.
//
// It is safe for concurrent use. Call it before the value is used for the first
// time, since what was written before cannot be taken back.
func Hide(ctx context.Context, secrets ...Secret) {
	s := services.From(ctx)
	if s == nil {
		return
	}
	values := make([]string, len(secrets))
	for i, secret := range secrets {
		values[i] = secret.Reveal()
	}
	s.Hide(values...)
}
