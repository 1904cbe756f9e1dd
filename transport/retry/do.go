package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// Do calls f until it succeeds, its error is final, or the policy's limits are
// reached. It returns nil or the last error from f. If the next wait would exceed
// [Policy].Elapsed, it returns a [*GaveUpError] that wraps the last error. If ctx ends,
// it immediately returns the error of the context.
//
// An error is final if it was made by [Permanent], if it has a method
// Configuration() bool that returns true (as the errors of package transport have
// for a wrong password), or if ctx has ended. All other errors are retried, because
// networks fail in more ways than can be listed.
func (p Policy) Do(ctx context.Context, f func(ctx context.Context) error) error {
	return p.DoNotify(ctx, f, nil)
}

// DoNotify is like [Policy.Do], but calls waiting before each wait, with the last
// error and the length of the wait. It is for logging.
func (p Policy) DoNotify(ctx context.Context, f func(ctx context.Context) error, waiting func(err error, wait time.Duration)) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("retry policy: %w", err)
	}
	start := time.Now()
	for counted := 0; ; {
		if ctx.Err() != nil {
			return ctxwait.Cause(ctx)
		}
		err := f(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctxwait.Cause(ctx)
		}
		if final(err) {
			return unwrap(err)
		}
		wait, asked := askedWait(err)
		if !asked {
			counted++
			wait = p.Backoff(counted)
		}
		err = unwrap(err)
		if counted >= p.attempts() {
			return err
		}
		if limit, ok := p.MaxElapsed(); ok && time.Since(start)+wait > limit {
			return &GaveUpError{Wait: wait, Limit: limit, Err: err}
		}
		if waiting != nil {
			waiting(err, wait)
		}
		if err := ctxwait.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// A GaveUpError reports that the next wait would exceed the limit of
// [Policy].Elapsed. It wraps the error of the last attempt.
type GaveUpError struct {
	Wait, Limit time.Duration
	Err         error
}

// Error returns the error of the last attempt and the reason why there was no other.
func (e *GaveUpError) Error() string {
	return fmt.Sprintf("%v (gave up: a wait of %v would exceed the limit of %v)", e.Err, e.Wait.Round(time.Second), e.Limit)
}

// Unwrap returns Err.
func (e *GaveUpError) Unwrap() error { return e.Err }

// Permanent marks an error as final, so that [Policy.Do] does not try again. Do
// returns err itself. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// After marks an error of a source that asks to wait before the next attempt. The attempt
// does not count as one of [Policy].Attempts, because the source decides when the next
// attempt may be made. [Policy].Elapsed still applies. If wait is not positive, After has
// no effect, so that the function is not repeated without a wait. [Policy.Do] returns err
// itself. After(nil, wait) is nil.
func After(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &waitError{err, wait}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

type waitError struct {
	err  error
	wait time.Duration
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

func final(err error) bool {
	var permanent *permanentError
	var c interface{ Configuration() bool }
	return errors.As(err, &permanent) || errors.As(err, &c) && c.Configuration()
}

func askedWait(err error) (time.Duration, bool) {
	var w *waitError
	if errors.As(err, &w) && w.wait > 0 {
		return w.wait, true
	}
	return 0, false
}

// unwrap removes the marks of Permanent and After if they are the outermost error.
func unwrap(err error) error {
	switch e := err.(type) {
	case *permanentError:
		return e.err
	case *waitError:
		return e.err
	}
	return err
}
