package retry

import (
	"context"
	"fmt"
	"time"
)

// A GaveUpError reports that the next wait would have ended too late. It wraps the error
// of the last attempt.
type GaveUpError struct {
	// Wait is the length of the wait, which was not started.
	Wait time.Duration

	// Limit is [Policy].Elapsed or its default. If Deadline is set, it is the time that
	// was left until the deadline of the context.
	Limit time.Duration

	// Asked reports whether the source asked for the wait ([After]). Otherwise, the wait
	// is the backoff of the policy.
	Asked bool

	// Deadline reports whether the wait would have exceeded the deadline of the context.
	// errors.Is then also matches context.DeadlineExceeded.
	Deadline bool

	// Err is the error of the last attempt.
	Err error
}

// Error returns the error of the last attempt and the reason why there was no other.
func (e *GaveUpError) Error() string {
	wait := e.Wait.Round(time.Second)
	if wait == 0 {
		wait = e.Wait.Round(time.Millisecond)
	}
	what := fmt.Sprintf("a wait of %v", wait)
	if e.Asked {
		what = fmt.Sprintf("the source asks to wait %v, which", wait)
	}
	var text string
	switch {
	case !e.Deadline:
		text = fmt.Sprintf("gave up: %s would exceed the limit of %v for all attempts; raise retry.Policy.Elapsed", what, e.Limit)
	case e.Asked:
		text = fmt.Sprintf("gave up: %s would exceed the time that is left for this operation", what)
	default:
		text = "gave up: no time is left for another attempt"
	}
	if e.Err == nil {
		return text
	}
	return fmt.Sprintf("%v (%s)", e.Err, text)
}

// Is reports whether target is context.DeadlineExceeded and the deadline of the context
// was the limit.
func (e *GaveUpError) Is(target error) bool { return e.Deadline && target == context.DeadlineExceeded }

// Unwrap returns Err.
func (e *GaveUpError) Unwrap() error { return e.Err }
