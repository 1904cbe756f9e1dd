package connector

import (
	"context"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// Logger returns the log of the run that ctx belongs to: the context that a
// connector's methods are given. Secrets are removed from what it writes.
// Outside a run it is slog.Default.
func Logger(ctx context.Context) *slog.Logger {
	if s := services.From(ctx); s != nil {
		return s.Log
	}
	return slog.Default()
}
