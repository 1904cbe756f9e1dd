package connectortest

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Go runtime does not promise the text of stacks and profiles. If a Go release
// changes it, this test fails, and labelledStacks, bubbleName and findStall must
// follow.
func TestStacksHaveTheFormatThatTheSuiteReads(t *testing.T) {
	const changed = "the text of goroutine stacks has changed in " // and the version of Go

	t.Run("a profile contains the label and the frames of a goroutine", func(t *testing.T) {
		labelled(t.Context(), func(_ context.Context, label string) {
			release := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() { waitFor(release) })
			defer group.Wait()
			defer close(release)
			var stacks []string
			found := func() bool { return len(stacks) == 1 && strings.Contains(stacks[0], "connectortest.waitFor") }
			for deadline := time.Now().Add(10 * time.Second); !found() && time.Now().Before(deadline); runtime.Gosched() {
				stacks = labelledStacks(goroutineProfile(), label)
			}
			require.True(t, found(), changed+runtime.Version()+":\n"+goroutineProfile())
			assert.NotContains(t, stacks[0], "connectortest.goroutineProfile", "the stack of the caller")
			assert.Empty(t, labelledStacks(goroutineProfile(), label+"0"), "stacks with another label")
		})
	})

	t.Run("a stack contains the state and the bubble of a goroutine", func(t *testing.T) {
		var held sync.Mutex
		held.Lock()
		outside := make(chan struct{})
		synctest.Test(t, func(t *testing.T) {
			bubble := bubbleName()
			require.Regexp(t, `^synctest bubble \d+\]$`, bubble, changed+runtime.Version())

			inside := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() { waitFor(inside) })
			group.Go(func() {
				held.Lock()
				defer held.Unlock()
			})
			group.Go(func() { waitFor(outside) })
			want := map[string]string{
				"[chan receive (durable), " + bubble: "a channel of the bubble",
				"[sync.Mutex.Lock, " + bubble:        "a lock",
				"[chan receive, " + bubble:           "a channel made elsewhere",
			}
			for head, reason := range want {
				stacks := ""
				for range 10_000 { // the clock of the bubble does not advance meanwhile
					if stacks = allStacks(); strings.Contains(stacks, head) {
						break
					}
					runtime.Gosched()
				}
				require.Contains(t, stacks, head, "a goroutine that waits for %s; %s%s", reason, changed, runtime.Version())
			}
			own := withoutRunning(allStacks())
			found := findStall(own, bubble)
			assert.Contains(t, found.stack, "chan receive")
			assert.Regexp(t, `^goroutine \d+$`, found.goroutine())
			assert.False(t, found.locked)
			assert.False(t, found.busy)
			assert.True(t, findStall(allStacks(), bubble).busy, "this goroutine does not wait")

			close(outside)
			close(inside)
			for range 10_000 {
				if own = withoutRunning(allStacks()); !strings.Contains(own, "connectortest.waitFor") {
					break
				}
				runtime.Gosched()
			}
			found = findStall(own, bubble)
			assert.Contains(t, found.stack, "sync.Mutex.Lock")
			assert.True(t, found.locked)
			assert.False(t, found.busy)
			held.Unlock()
			group.Wait()
		})
	})
}

// waitFor is a frame that the test finds in stacks.
//
//go:noinline
func waitFor(c <-chan struct{}) { <-c }

// withoutRunning omits the stack of the goroutine that took the stacks.
func withoutRunning(stacks string) string {
	_, rest, _ := strings.Cut(stacks, "\n\n")
	return rest
}

// A busy machine may take minutes for what else takes a second.
func TestABusyMachineDoesNotStopVirtualTime(t *testing.T) {
	SetStallTimeout(t, 100*time.Millisecond)
	t.Run("a goroutine that computes", func(t *testing.T) {
		var looks atomic.Int64
		steps := func() int64 {
			looks.Add(1)
			return 0
		}
		assert.Empty(t, bubble(t, steps, func(*testing.T) {
			for looks.Load() < 30 {
				runtime.Gosched()
			}
		}))
	})
	t.Run("locks whose holders are slow", func(t *testing.T) {
		var held atomic.Pointer[sync.Mutex]
		looks := 0
		steps := func() int64 {
			lock := held.Load()
			if lock == nil {
				return 0
			}
			if looks++; looks%2 == 0 {
				held.Store(nil)
				lock.Unlock()
			}
			return 0
		}
		assert.Empty(t, bubble(t, steps, func(*testing.T) {
			for range 3 {
				lock := new(sync.Mutex)
				lock.Lock()
				held.Store(lock)
				var group sync.WaitGroup
				group.Go(func() {
					lock.Lock()
					defer lock.Unlock()
				})
				group.Wait()
			}
		}))
	})
}
