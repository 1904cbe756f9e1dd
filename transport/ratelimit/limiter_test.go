package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachGroupHasItsOwnRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{PerSecond: 2})
		require.NoError(t, err)
		start := time.Now()
		for _, group := range []string{"orders", "items", "orders", "items"} {
			done, err := l.Wait(t.Context(), group, nil)
			require.NoError(t, err)
			done()
		}
		assert.Equal(t, 500*time.Millisecond, time.Since(start))
	})
}

func TestAPauseDelaysItsGroupAndReportsItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{})
		require.NoError(t, err)
		start := time.Now()
		l.Pause("orders", start.Add(time.Minute), "the quota is used up")
		l.Pause("orders", start.Add(time.Second), "a shorter pause")
		d, reason := l.Paused("orders")
		assert.Equal(t, time.Minute, d)
		assert.Equal(t, "the quota is used up", reason)

		_, err = l.Wait(t.Context(), "items", func(time.Duration, string) { t.Error("the other group waits") })
		require.NoError(t, err)
		var reported string
		_, err = l.Wait(t.Context(), "orders", func(d time.Duration, reason string) { reported = fmt.Sprint(d, " ", reason) })
		require.NoError(t, err)
		assert.Equal(t, "1m0s the quota is used up", reported)
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestAPausedGroupDoesNotTakeTheSlotsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{Concurrent: 1})
		require.NoError(t, err)
		start := time.Now()
		l.Pause("orders", start.Add(time.Hour), "the quota is used up")
		var orders sync.WaitGroup
		orders.Go(func() {
			done, err := l.Wait(t.Context(), "orders", nil)
			assert.NoError(t, err)
			assert.Equal(t, time.Hour, time.Since(start))
			done()
		})
		synctest.Wait()
		done, err := l.Wait(t.Context(), "items", nil)
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
		done()
		orders.Wait()
	})
}

func TestAPauseThatBeginsWhileARequestWaitsForASlotDelaysIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{Concurrent: 1})
		require.NoError(t, err)
		start := time.Now()
		first, err := l.Wait(t.Context(), "", nil)
		require.NoError(t, err)
		time.AfterFunc(time.Second, func() {
			l.Pause("", start.Add(time.Minute), "the quota is used up")
			first()
		})
		_, err = l.Wait(t.Context(), "", nil)
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestTheEndOfTheContextEndsAWaitAndFreesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{PerMinute: 1, Concurrent: 1})
		require.NoError(t, err)
		done, err := l.Wait(t.Context(), "", nil)
		require.NoError(t, err)
		done()
		done() // has no further effect

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = l.Wait(ctx, "", nil)
		assert.ErrorIs(t, err, context.DeadlineExceeded)

		start := time.Now()
		done, err = l.Wait(t.Context(), "", nil)
		require.NoError(t, err, "a place is free")
		assert.Equal(t, 59*time.Second, time.Since(start), "the reservation was canceled")
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = l.Wait(ctx, "", nil)
		assert.ErrorIs(t, err, context.DeadlineExceeded, "no place is free")
		done()
	})
}

func TestANilLimiterDoesNotWait(t *testing.T) {
	var l *ratelimit.Limiter
	l.Pause("", time.Now().Add(time.Hour), "ignored")
	d, _ := l.Paused("")
	assert.Zero(t, d)
	done, err := l.Wait(t.Context(), "", nil)
	require.NoError(t, err)
	done()
}

func TestAnyNumberOfGroupsTakesBoundedMemory(t *testing.T) {
	l, err := ratelimit.New(ratelimit.Limit{})
	require.NoError(t, err)
	for i := range 10_000 {
		l.Pause(fmt.Sprint(i), time.Now().Add(time.Hour), "")
	}
	d, _ := l.Paused("a group beyond the maximum")
	assert.Positive(t, d)
}

func TestANegativeLimitIsAnError(t *testing.T) {
	for _, limit := range []ratelimit.Limit{{PerSecond: -1}, {PerMinute: -1}, {Burst: -1}, {Concurrent: -1}, {PerSecond: math.NaN()}} {
		_, err := ratelimit.New(limit)
		assert.Error(t, err, "%+v", limit)
	}
}
