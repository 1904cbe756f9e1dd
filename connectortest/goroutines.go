package connectortest

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// labelKey is the profiler label of the goroutines of a sync. A goroutine inherits
// it from the goroutine that starts it, so goroutines of parallel tests are not
// mistaken for those of the sync.
const labelKey = "connectortest"

var lastLabel atomic.Int64

// labelled calls f with a new label. The goroutines that f starts carry it.
func labelled(ctx context.Context, f func(ctx context.Context, label string)) {
	label := strconv.FormatInt(lastLabel.Add(1), 10)
	pprof.Do(ctx, pprof.Labels(labelKey, label), func(ctx context.Context) { f(ctx, label) })
}

// leakedGoroutines returns the stacks of the goroutines with a label, except the
// caller's. It waits up to a second for them to end.
func leakedGoroutines(label string) []string {
	deadline := time.Now().Add(time.Second)
	for wait := time.Millisecond; ; wait *= 2 { // a profile of many goroutines is expensive
		stacks := labelledStacks(goroutineProfile(), label)
		if len(stacks) == 0 || time.Now().After(deadline) {
			return stacks
		}
		time.Sleep(wait)
	}
}

func goroutineProfile() string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return ""
	}
	return profile.String()
}

// labelledStacks returns the stacks in a goroutine profile that carry a label.
//
// It relies on the text format of the profile: blocks separated by empty lines;
// in each, a line `# labels: {"connectortest":"7"}` and the frames of the
// goroutines that share the stack. TestStacksHaveTheFormatThatTheSuiteReads fails
// if a Go release changes it.
func labelledStacks(profile, label string) []string {
	var stacks []string
	pair := strconv.Quote(labelKey) + ":" + strconv.Quote(label)
	for block := range strings.SplitSeq(profile, "\n\n") {
		if strings.Contains(block, pair) && !strings.Contains(block, "connectortest.goroutineProfile") && !servesIdleConnection(block) {
			_, frames, _ := strings.Cut(block, "\n")
			stacks = append(stacks, frames)
		}
	}
	return stacks
}

// servesIdleConnection reports whether a goroutine belongs to a connection that
// net/http keeps open for the next request. The process owns it, not the sync that
// opened it.
func servesIdleConnection(stack string) bool {
	for _, of := range []string{"net/http.(*persistConn)", "net/http.(*Transport)", "net/http.(*http2", "http2.(*", "crypto/tls.(*Conn)"} {
		if strings.Contains(stack, of) {
			return true
		}
	}
	return false
}
