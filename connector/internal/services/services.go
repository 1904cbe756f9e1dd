// Package services holds what a run offers to the methods of a connector by
// way of their context. Package connector gives authors functions for it, and
// package host provides it.
package services

import (
	"context"
	"log/slog"
)

// Services are those of one run. All of them are set.
type Services struct {
	// Log is where the connector's log goes.
	Log *slog.Logger
	// Hide makes the run remove values from everything that it writes.
	Hide func(values ...string)
	// ReplaceSecret hands a new value of a field of the configuration to the
	// platform.
	ReplaceSecret func(field, value string) error
}

type key struct{}

// With returns a context that carries the services.
func With(ctx context.Context, s *Services) context.Context {
	return context.WithValue(ctx, key{}, s)
}

// From returns the services that ctx carries, or nil outside a run.
func From(ctx context.Context) *Services {
	s, _ := ctx.Value(key{}).(*Services)
	return s
}
