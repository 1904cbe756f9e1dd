// Package ctxwait waits for a time or for the end of a context.
package ctxwait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sleep waits for d. If ctx ends first, Sleep returns [Cause](ctx).
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return Cause(ctx)
	}
}

// Left returns the time until the deadline of a context. It reports false if the context
// has no deadline.
func Left(ctx context.Context) (time.Duration, bool) {
	at, ok := ctx.Deadline()
	return time.Until(at), ok
}

// Cause returns the reason why a context has ended. If the context was given a cause, the
// text is that of the cause, and errors.Is also matches the error of the context.
func Cause(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return err
	}
	return &causeError{err: err, cause: cause}
}

// A causeError is the cause of a context that has ended.
type causeError struct{ err, cause error }

func (e *causeError) Error() string   { return e.cause.Error() }
func (e *causeError) Unwrap() []error { return []error{e.err, e.cause} }

// Interrupted returns the error for an operation that a context has ended after an attempt
// had failed: the failure, and the reason for the end of the context. errors.Is matches
// both if a deadline has passed. If the context was canceled, it matches only the reason,
// because the failure did not end the operation.
func Interrupted(ctx context.Context, failure error) error {
	cause := Cause(ctx)
	if failure == nil {
		return cause
	}
	return &interruptedError{cause: cause, failure: failure}
}

type interruptedError struct{ cause, failure error }

func (e *interruptedError) Error() string {
	return fmt.Sprintf("%v (interrupted: %v)", e.failure, e.cause)
}

func (e *interruptedError) Unwrap() []error {
	if errors.Is(e.cause, context.DeadlineExceeded) {
		return []error{e.cause, e.failure}
	}
	return []error{e.cause}
}
