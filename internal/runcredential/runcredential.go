// Package runcredential passes credentials that are obtained during a run of a connector to
// the runtime, from packages that do not depend on it, such as package transport. The
// runtime puts a [Run] into the context of a run.
package runcredential

import (
	"context"
	"sync"
)

// A Run holds the values that all requests of one run of a connector share. It is safe
// for concurrent use.
type Run struct {
	hide   func(owner any, secrets ...string)
	mu     sync.Mutex
	values map[any]any // see Share
}

type contextKey struct{}

// With returns a copy of ctx that carries a new Run. The function hide makes the
// runtime mask secrets, as [Hide] describes. It must be safe for concurrent use.
func With(ctx context.Context, hide func(owner any, secrets ...string)) context.Context {
	return context.WithValue(ctx, contextKey{}, &Run{hide: hide, values: map[any]any{}})
}

func from(ctx context.Context) *Run {
	run, _ := ctx.Value(contextKey{}).(*Run)
	return run
}

// Hide makes the runtime mask secrets like those of the configuration. The owner is any
// comparable value that identifies where the secrets come from, such as a client whose tokens
// replace each other. A run masks thousands of these secrets. If there are more, the runtime
// logs a warning and drops the oldest ones of the owners with the most secrets, so that the
// memory of a run, and the time that each row takes, do not depend on how often a token is
// renewed. Hide may be called for each use of a secret. Outside a run, it does nothing.
func Hide(ctx context.Context, owner any, secrets ...string) {
	if run := from(ctx); run != nil {
		run.hide(owner, secrets...)
	}
}

// Share returns the value that the run has under key. If it has none, Share adds value
// and returns it. Outside a run, it returns value.
func Share[T any](ctx context.Context, key any, value T) T {
	run := from(ctx)
	if run == nil {
		return value
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	if shared, ok := run.values[key].(T); ok {
		return shared
	}
	run.values[key] = value
	return value
}
