package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// Hide registers secrets with the run to which ctx belongs. Use it for secrets
// that are not part of the configuration, such as an access token that the
// source has just issued. From then on, they are treated like the values of
// [Secret] fields: they are masked in logs, errors, warnings and rows, and
// refused in states. Hide does nothing outside a run, and it ignores empty
// values.
//
// Call Hide before the value is first used, because text that has been written
// cannot be taken back. The run masks the latest values, at least 5,000 of
// them, until it ends, and logs a warning when it drops others. Each value
// takes about 10 KB of memory and adds a little to the time that each row
// takes, so use Hide for few values. The tokens that auth.OAuth2,
// auth.JWTBearer and auth.Login of package transport obtain are masked without
// it. Hide is safe for concurrent use.
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
