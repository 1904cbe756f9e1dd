// Package userwarning lets packages that do not depend on the runtime, such as
// package transport, warn the user of the platform about a problem with the
// source's data or with the connector. The runtime puts a function into the context
// of a sync, and the packages call it through [Warn].
//
// A warning is for a problem that does not stop the sync but changes what it
// delivers. Everything else belongs in a log or in an error.
package userwarning

import "context"

// A Func receives a warning. The key identifies the problem, and the message
// describes it in one sentence without the values of records. The runtime
// delivers one warning for each key, with the number of calls, so it may be called
// for each record. A Func is safe for concurrent use.
type Func func(key, message string)

type contextKey struct{}

// With returns a copy of ctx that carries warn.
func With(ctx context.Context, warn Func) context.Context {
	return context.WithValue(ctx, contextKey{}, warn)
}

// Reaches reports whether Warn passes warnings on, as it does in a sync.
func Reaches(ctx context.Context) bool { return from(ctx) != nil }

// from returns the function that ctx carries, or nil.
func from(ctx context.Context) Func {
	warn, _ := ctx.Value(contextKey{}).(Func)
	return warn
}

// Warn passes a warning to the function that ctx carries. Outside a sync, ctx
// carries no function, and Warn does nothing.
func Warn(ctx context.Context, key, message string) {
	if warn := from(ctx); warn != nil {
		warn(key, message)
	}
}
