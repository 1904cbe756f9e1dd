package retry

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// A Policy states how often to try something, and how long to wait between the
// attempts. The zero Policy is a sensible default; Policy{Attempts: 1} does not retry.
//
// The wait is a random time up to a limit that doubles with each attempt ("full
// jitter"), so that callers that fail together do not try again together.
type Policy struct {
	// Attempts is the maximum number of attempts. Attempts after which the source asked
	// for a wait ([After]) do not count. Optional; the default is 8.
	Attempts int

	// Base is the limit of the first wait. Optional; the default is 500 ms.
	Base time.Duration

	// Max is the largest limit of a wait. It does not apply to waits that the
	// source asks for. Optional; the default is 1 minute.
	Max time.Duration

	// Elapsed limits the time from the first attempt to the last. A wait that would
	// end later is not started. Optional; the default is 15 minutes, and a
	// negative value means no limit. A client of package transport whose source has
	// never responded gives up sooner (transport.WithRetry).
	Elapsed time.Duration
}

// Check returns an error if a field that must not be negative is.
func (p Policy) Check() error {
	if p.Attempts < 0 || p.Base < 0 || p.Max < 0 {
		return errors.New("negative field")
	}
	return nil
}

// MaxElapsed returns Elapsed or its default. It reports false if there is no limit.
func (p Policy) MaxElapsed() (time.Duration, bool) {
	if p.Elapsed == 0 {
		return 15 * time.Minute, true
	}
	return p.Elapsed, p.Elapsed > 0
}

// MaxAttempts returns Attempts or its default.
func (p Policy) MaxAttempts() int {
	if p.Attempts == 0 {
		return 8
	}
	return p.Attempts
}

// Backoff returns a random wait after the nth attempt, counted from 1.
func (p Policy) Backoff(n int) time.Duration {
	limit, largest := p.Base, p.Max
	if limit == 0 {
		limit = 500 * time.Millisecond
	}
	if largest == 0 {
		largest = time.Minute
	}
	for ; n > 1 && limit <= largest/2; n-- {
		limit *= 2
	}
	if n > 1 { // twice the limit is more than the largest, and may overflow
		limit = largest
	}
	return rand.N(min(limit, largest, math.MaxInt64-1) + 1)
}
