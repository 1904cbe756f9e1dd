package retry_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestABackoffIsRandomUpToALimitThatDoubles(t *testing.T) {
	r := retry.Policy{Base: time.Second, Max: 10 * time.Second}
	for n, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 1000: 10 * time.Second} {
		var longest time.Duration
		for range 500 {
			d := r.Backoff(n)
			assert.LessOrEqual(t, d, most)
			longest = max(longest, d)
		}
		assert.Greater(t, longest, most/2, "the whole range is used")
	}
}

func TestABackoffWithoutALargestLimitDoesNotOverflow(t *testing.T) {
	for _, r := range []retry.Policy{{Max: math.MaxInt64}, {Base: math.MaxInt64, Max: math.MaxInt64}} {
		for n := 1; n < 100; n++ {
			assert.GreaterOrEqual(t, r.Backoff(n), time.Duration(0))
		}
	}
}
