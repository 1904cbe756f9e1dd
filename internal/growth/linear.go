// Package growth compares what a work costs at two sizes, for tests and benchmarks that show
// whether the cost grows faster than the size.
//
//	growth.AssertLinear(t, 1000, func(size int) func() {
//		row := rowOf(size)
//		return func() { encode(row) }
//	})
package growth

import (
	"math"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/internal/racedetector"
)

const (
	// factor is the ratio of the two sizes of AssertLinear.
	factor = 8
	// mostLinear is the ratio of times from which on the growth is not linear. It is 8 if the
	// growth is linear, more if the larger work leaves the cache, and 64 if the growth is
	// quadratic.
	mostLinear = 32
	// mostConstant is the ratio of times from which on the time is not constant.
	mostConstant = 8
	// rounds is how often the two sizes are compared at most. Other goroutines, such as the
	// garbage collector, add to the time of a work, never take from it.
	rounds = 40
)

// AssertLinear fails the test if the processor time of a work grows much faster than its
// size. prepare returns the work of a size, which is few and then 8 times few. The work is
// repeated, and should take 10 µs or more for few. Other tests must not run at the same time.
// If the race detector is enabled, the work runs once with each size, for its races alone.
func AssertLinear(t testing.TB, few int, prepare func(size int) (work func())) {
	t.Helper()
	works := map[int]func(){few: prepare(few), factor * few: prepare(factor * few)}
	assert(t, few, factor*few, mostLinear, func(size int) time.Duration { return timeOf(works[size]) })
}

// AssertConstant fails the test if a processor time grows with a size. cost is called several
// times with each size and returns the time, a difference of two results of [ProcessorTime].
// The size many should be at least 50 times few. Other tests must not run at the same time.
// If the race detector is enabled, cost is called once with each size, for its races alone.
func AssertConstant(t testing.TB, few, many int, cost func(size int) time.Duration) {
	t.Helper()
	assert(t, few, many, mostConstant, cost)
}

// assert fails the test if the ratio of the lowest costs of two sizes is never less than most.
func assert(t testing.TB, few, many int, most float64, cost func(size int) time.Duration) {
	t.Helper()
	if racedetector.Enabled { // the detector takes most of the time
		cost(few)
		cost(many)
		return
	}
	short, long := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for began, round := ProcessorTime(), 0; round < rounds; round++ {
		for range 3 {
			short = min(short, cost(few))
		}
		long = min(long, cost(many))
		if round > 0 && float64(long) < most*float64(short) {
			return
		}
		if round > 0 && ProcessorTime()-began > 10*time.Second { // too slow on any machine
			break
		}
	}
	t.Errorf("%d takes %v, and %d takes %v", few, short, many, long)
}

func timeOf(work func()) time.Duration {
	began := ProcessorTime()
	work()
	return ProcessorTime() - began
}
