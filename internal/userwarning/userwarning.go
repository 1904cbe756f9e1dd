// Package userwarning lets packages that do not depend on the runtime, such as
// package transport, warn the user of the platform about a problem with the
// source's data or with the connector. The runtime puts a function into the context
// of a sync, and the packages call it through [Warn].
//
// A warning is for a problem that does not stop the sync but changes what it
// delivers. Everything else belongs in a log or in an error.
package userwarning

import (
	"context"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A Func receives a warning about a problem that has occurred count times. The key
// identifies the problem, and the message describes it in one sentence without the values
// of records. The runtime delivers one warning for each key, with the sum of the counts
// and the message of the first call. A Func is safe for concurrent use.
type Func func(key, message string, count int)

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

// maxKey and maxMessage are the largest numbers of bytes of a key and of a message. Both
// may contain text from a source, such as a path.
const maxKey, maxMessage = 512, 2048

// Warn passes a warning to the function that ctx carries. Outside a sync, ctx
// carries no function, and Warn does nothing.
func Warn(ctx context.Context, key, message string) { WarnTimes(ctx, key, message, 1) }

// WarnTimes is like Warn for a problem that has occurred count times since the last call.
// A caller that finds the problem in every byte or row calls it once for many of them. It
// does nothing if count is not positive.
func WarnTimes(ctx context.Context, key, message string, count int) {
	if warn := from(ctx); warn != nil && count > 0 {
		warn(shorten.Text(key, maxKey), shorten.Text(message, maxMessage), count)
	}
}
