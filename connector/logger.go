package connector

import (
	"context"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector/internal/services"
)

// Logger returns the logger of the run to which ctx belongs. The methods of a
// connector receive such a context. The logger masks secrets. Outside a run,
// Logger returns slog.Default().
func Logger(ctx context.Context) *slog.Logger {
	if s := services.From(ctx); s != nil {
		return s.Log
	}
	return slog.Default()
}
