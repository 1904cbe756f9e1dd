// Package services defines the services that a run offers to the methods of a
// connector through their context. Package host provides the services, and
// package connector has functions that let authors use them.
package services

import (
	"context"
	"log/slog"

	"github.com/penstock-sdk/penstock/state"
)

// Services are the services of one run. Every field is set.
type Services struct {
	// Log is the connector's log.
	Log *slog.Logger
	// Hide makes the run mask the values in everything that it writes.
	Hide func(values ...string)
	// ReplaceSecret sends a new value of a field of the configuration to the
	// platform.
	ReplaceSecret func(field, value string) error
	// OnDelivered registers a function that is called with each state that the
	// platform has received.
	OnDelivered func(f func(state.State))
	// WarnOfFailure warns the user, before the sync ends, that the call of
	// SyncTables with this first table has failed. Outside a sync, it does nothing.
	WarnOfFailure func(table string)
}

type key struct{}

// With returns a copy of ctx that carries the services.
func With(ctx context.Context, s *Services) context.Context {
	return context.WithValue(ctx, key{}, s)
}

// From returns the services that ctx carries, or nil outside a run.
func From(ctx context.Context) *Services {
	s, _ := ctx.Value(key{}).(*Services)
	return s
}
