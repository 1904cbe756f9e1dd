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

// Cause returns the reason why a context has ended: its error, joined with its
// cause unless the cause wraps that error.
func Cause(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
