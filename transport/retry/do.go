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
// [Policy].Elapsed or the deadline of ctx, Do does not wait and returns a [*GaveUpError]
// that wraps the last error.
//
// If ctx ends, Do returns immediately. The error wraps that of the context, and its text
// contains the last failure of f. If a deadline has passed, the error also wraps the
// failure.
//
// An error is final if it was made by [Permanent], if it has a method
// Configuration() bool that returns true (as the errors of package transport have
// for a wrong password), or if ctx has ended. All other errors are retried, because
// networks fail in more ways than can be listed.
func (p Policy) Do(ctx context.Context, f func(ctx context.Context) error) error {
	return p.DoNotify(ctx, f, nil)
}

// DoNotify is like [Policy.Do], but calls waiting before each wait, with the last
// error and the length of the wait. It can log the wait. If it returns an error, DoNotify
// does not wait and returns that error.
func (p Policy) DoNotify(ctx context.Context, f func(ctx context.Context) error, waiting func(err error, wait time.Duration) error) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("retry policy: %w", err)
	}
	start := time.Now()
	var last error
	for counted, uncounted := 0, 0; ; {
		if ctx.Err() != nil {
			return ctxwait.Interrupted(ctx, last)
		}
		err := f(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			if !errors.Is(err, ctx.Err()) {
				last = unwrap(err)
			}
			return ctxwait.Interrupted(ctx, last)
		}
		if final(err) {
			return unwrap(err)
		}
		wait, asked := askedWait(err)
		if asked {
			uncounted++
			wait = max(wait, shortest(uncounted))
		} else {
			counted++
			wait = p.Backoff(counted)
		}
		last = unwrap(err)
		if counted >= p.MaxAttempts() {
			return last
		}
		if gaveUp := p.refuse(ctx, time.Since(start), wait); gaveUp != nil {
			gaveUp.Asked, gaveUp.Err = asked, last
			return gaveUp
		}
		if waiting != nil {
			if err := waiting(last, wait); err != nil {
				return err
			}
		}
		if ctxwait.Sleep(ctx, wait) != nil {
			return ctxwait.Interrupted(ctx, last)
		}
	}
}

// shortest returns the shortest wait after the nth failure for which a source asked to wait.
// It grows to 1 s, because failures that are not counted, with very short waits, would
// otherwise flood the source.
func shortest(n int) time.Duration {
	if n > 10 {
		return time.Second
	}
	return time.Millisecond << (n - 1)
}

// refuse returns an error if a wait would end too late. elapsed is the time since the
// first attempt.
func (p Policy) refuse(ctx context.Context, elapsed, wait time.Duration) *GaveUpError {
	if left, ok := ctxwait.Left(ctx); ok && wait >= left {
		return &GaveUpError{Wait: wait, Limit: max(left, 0), Deadline: true}
	}
	if limit, ok := p.MaxElapsed(); ok && elapsed+wait > limit {
		return &GaveUpError{Wait: wait, Limit: limit}
	}
	return nil
}

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
// attempt may be made. [Policy].Elapsed still applies. If the source asks again and again
// for less than 1 s, Do waits longer, up to 1 s, so that the source is not flooded. If wait
// is not positive, After has no effect, so that the function is not repeated without a
// wait. [Policy.Do] returns err itself. After(nil, wait) is nil.
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
