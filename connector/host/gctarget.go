package host

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// defaultGCPercent is the value of GOGC that Go uses if nobody sets one.
	defaultGCPercent = 100
	// minGCPercent and maxGCPercent limit the values that a gcTarget sets. These are not
	// round, so that a round value, which a program may set, is not taken for one of them.
	minGCPercent = 101
	maxGCPercent = 399
	// gcTargetHeap is the size in bytes up to which a heap may grow before the garbage
	// collector runs. The live heap of a larger program is at least half of it; for that
	// one, nothing changes.
	gcTargetHeap = 64 << 20
)

// A gcTarget lets the garbage collector of a process with a small heap run less often. Go
// starts a collection when the heap has twice the size of what is alive, which is a few MiB
// in most connectors: they spend a fifth of their time in collections that free memory which
// no other program needs. The target is the smaller of five times the live heap and
// gcTargetHeap, but at least what Go itself would choose.
type gcTarget struct {
	percent int // the value that it has set last
}

// startGCTarget sets a target for the garbage collector, unless a person or the program
// makes the choice: with the environment variables GOGC or GOMEMLIMIT, with
// debug.SetGCPercent before, or, for as long as a later choice lasts, with debug.SetGCPercent
// or debug.SetMemoryLimit. Go does not report who has set a value. So a program that has set
// the default before is not seen to choose, nor is one that sets the very value that the
// target has set.
func startGCTarget() {
	_, percent := os.LookupEnv("GOGC")
	_, limit := os.LookupEnv("GOMEMLIMIT")
	if percent || limit || readGC().percent != defaultGCPercent {
		return
	}
	t := &gcTarget{percent: defaultGCPercent}
	t.set()
}

// set sets the value for the heap that the latest collection has left alive, and sets the
// next one after the next collection.
func (t *gcTarget) set() {
	gc := readGC()
	percent := gcPercent(gc.live)
	if gc.limited {
		percent = minGCPercent
	}
	// If the value is another one, the program has set it, perhaps for a while.
	if gc.percent == t.percent && percent != t.percent {
		t.percent = percent
		debug.SetGCPercent(percent)
	}
	// The cleanup of an object that is garbage at once runs after the next collection.
	type collected struct{ _ *gcTarget }
	runtime.AddCleanup(&collected{}, (*gcTarget).set, t)
}

// gcPercent returns the value of GOGC for a live heap of a number of bytes.
func gcPercent(live uint64) int {
	if live == 0 {
		return maxGCPercent // there was no collection yet
	}
	const step = 25 // a change stops the program for a moment, so small ones are not made
	percent := int(100*gcTargetHeap/float64(live)) - 100
	return min(max((percent+1)/step*step-1, minGCPercent), maxGCPercent)
}

// A gcState is what the garbage collector does.
type gcState struct {
	live    uint64 // the bytes that the latest collection has left alive
	percent int    // the value of GOGC, or -1 if it is off
	limited bool   // whether there is a memory limit
}

func readGC() gcState {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(samples)
	return gcState{
		live:    samples[0].Value.Uint64(),
		percent: int(int32(samples[1].Value.Uint64())), //nolint:gosec // the metric of -1 is its two's complement
		limited: samples[2].Value.Uint64() != math.MaxInt64,
	}
}
