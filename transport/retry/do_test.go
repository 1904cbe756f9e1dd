package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errAccident = errors.New("the connection broke")

// wrongPassword is an error in the configuration.
type wrongPassword struct{}

func (wrongPassword) Error() string       { return "wrong password" }
func (wrongPassword) Configuration() bool { return true }

func TestAFunctionIsRepeatedUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		err := retry.Policy{}.Do(t.Context(), func(context.Context) error {
			if calls++; calls < 5 {
				return errAccident
			}
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, 5, calls)
	})
}

func TestTheLastErrorIsReturnedAfterTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for attempts, want := range map[int]int{0: 8, 1: 1, 3: 3} {
			calls := 0
			err := retry.Policy{Attempts: attempts}.Do(t.Context(), func(context.Context) error { calls++; return errAccident })
			assert.Equal(t, errAccident, err)
			assert.Equal(t, want, calls)
		}
	})
}

func TestAFinalErrorIsReturnedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{retry.Permanent(errAccident), errors.Join(errAccident, wrongPassword{})} {
			calls := 0
			got := retry.Policy{}.Do(t.Context(), func(context.Context) error { calls++; return err })
			assert.ErrorIs(t, got, errAccident)
			assert.Equal(t, 1, calls)
		}
		assert.Equal(t, errAccident, retry.Policy{}.Do(t.Context(), func(context.Context) error { return retry.Permanent(errAccident) }), "without the mark")
		assert.NoError(t, retry.Permanent(nil))
		assert.NoError(t, retry.After(nil, time.Second))
	})
}

func TestAWaitThatTheSourceAsksForIsObeyedAndDoesNotCountAsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		var waits []time.Duration
		err := retry.Policy{Attempts: 2}.DoNotify(t.Context(), func(context.Context) error {
			if calls++; calls <= 5 {
				return retry.After(errAccident, time.Minute)
			}
			return nil
		}, func(err error, wait time.Duration) error {
			assert.Equal(t, errAccident, err)
			waits = append(waits, wait)
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, 5*time.Minute, time.Since(start))
		assert.Equal(t, []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute, time.Minute}, waits)
	})
}

func TestVeryShortWaitsThatTheSourceAsksForDoNotFloodIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []time.Duration
		err := retry.Policy{Attempts: 1, Elapsed: time.Minute}.DoNotify(t.Context(), func(context.Context) error {
			return retry.After(errAccident, 50*time.Millisecond)
		}, func(_ error, wait time.Duration) error {
			waits = append(waits, wait)
			return nil
		})
		assert.ErrorIs(t, err, errAccident)
		assert.Less(t, len(waits), 80)
		assert.Equal(t, 50*time.Millisecond, waits[0])
		assert.Equal(t, time.Second, waits[len(waits)-1])
	})
}

func TestAWaitThatTheCallerRefusesIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, refusal := time.Now(), errors.New("the shift has ended")
		err := retry.Policy{Base: time.Hour, Max: time.Hour, Elapsed: -1}.DoNotify(t.Context(), func(context.Context) error { return errAccident },
			func(error, time.Duration) error { return refusal })
		assert.Equal(t, refusal, err)
		assert.Zero(t, time.Since(start))
	})
}

func TestAWaitBeyondTheTimeLimitIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := retry.Policy{Elapsed: time.Minute}.Do(t.Context(), func(context.Context) error { return retry.After(errAccident, time.Hour) })
		var gaveUp *retry.GaveUpError
		require.ErrorAs(t, err, &gaveUp)
		assert.ErrorIs(t, err, errAccident)
		assert.EqualError(t, err, "the connection broke (gave up: the source asks to wait 1h0m0s, which would exceed the limit of 1m0s for all attempts; raise retry.Policy.Elapsed)")
		assert.Zero(t, time.Since(start))

		calls := 0
		err = retry.Policy{Elapsed: -1}.Do(t.Context(), func(context.Context) error {
			if calls++; calls < 3 {
				return retry.After(errAccident, 24*time.Hour)
			}
			return nil
		})
		assert.NoError(t, err, "without a limit")
	})
}

func TestAWaitBeyondTheDeadlineOfTheContextIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		err := retry.Policy{}.Do(ctx, func(context.Context) error { return retry.After(errAccident, time.Minute) })
		assert.ErrorIs(t, err, errAccident)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err, "the connection broke (gave up: the source asks to wait 1m0s, which would exceed the time that is left for this operation)")
		assert.Zero(t, time.Since(start))
		err = retry.Policy{Base: time.Hour, Max: time.Hour}.Do(ctx, func(context.Context) error { return errAccident })
		var gaveUp *retry.GaveUpError
		require.ErrorAs(t, err, &gaveUp)
		assert.True(t, gaveUp.Deadline)
		assert.False(t, gaveUp.Asked)
	})
}

func TestTheLastFailureIsKeptWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := errors.New("the sync was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stopped) })
		err := retry.Policy{}.Do(ctx, func(context.Context) error { return retry.After(errAccident, time.Minute) })
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, stopped)
		assert.NotErrorIs(t, err, errAccident, "it did not end the operation")
		assert.EqualError(t, err, "the connection broke (interrupted: the sync was stopped)")

		// The deadline passes during the second attempt.
		limited, done := context.WithTimeout(t.Context(), time.Minute)
		defer done()
		calls := 0
		err = retry.Policy{}.Do(limited, func(ctx context.Context) error {
			if calls++; calls == 1 {
				return errAccident
			}
			<-ctx.Done()
			return ctx.Err()
		})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, errAccident)
		assert.ErrorContains(t, err, "the connection broke")
	})
}

func TestTheEndOfTheContextEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("the sync was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, func() { cancel(reason) })
		err := retry.Policy{}.Do(ctx, func(context.Context) error { return retry.After(errAccident, time.Minute) })
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, reason)
		assert.Equal(t, time.Second, time.Since(start))

		err = retry.Policy{}.Do(ctx, func(context.Context) error { t.Error("called after the end"); return nil })
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestANegativeFieldIsAnError(t *testing.T) {
	for _, p := range []retry.Policy{{Attempts: -1}, {Base: -1}, {Max: -1}} {
		assert.Error(t, p.Check())
		assert.ErrorContains(t, p.Do(t.Context(), func(context.Context) error { t.Error("called"); return nil }), "retry policy")
	}
	assert.NoError(t, retry.Policy{Elapsed: -1}.Check())
}

func TestAWaitOfZeroThatTheSourceAsksForIsThatOfThePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, wait := range []time.Duration{0, -time.Second} {
			calls := 0
			err := retry.Policy{}.Do(t.Context(), func(context.Context) error { calls++; return retry.After(errAccident, wait) })
			assert.Equal(t, errAccident, err)
			assert.Equal(t, 8, calls)
		}
	})
}
