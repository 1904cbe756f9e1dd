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

// markKey is the label of the goroutines of a sync. Goroutines inherit it from
// the one that starts them, so that those of other tests, which may run at the
// same time, are never taken for this one's.
const markKey = "connectortest"

var marks atomic.Int64

// marked calls f, whose goroutines can be found by the mark from then on.
func marked(ctx context.Context, f func(ctx context.Context, mark string)) {
	mark := strconv.FormatInt(marks.Add(1), 10)
	pprof.Do(ctx, pprof.Labels(markKey, mark), func(ctx context.Context) { f(ctx, mark) })
}

// leftBehind returns the stacks of the goroutines with a mark, but for the
// caller's, once they have had time to end.
func leftBehind(mark string) []string {
	for deadline := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		stacks := markedStacks(mark)
		if len(stacks) == 0 || time.Now().After(deadline) {
			return stacks
		}
	}
}

// markedStacks reads the goroutine profile: blocks between empty lines, each
// with the labels of the goroutines that have the stack.
func markedStacks(mark string) []string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return nil
	}
	var stacks []string
	label := strconv.Quote(markKey) + ":" + strconv.Quote(mark)
	for block := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(block, label) && !strings.Contains(block, "connectortest.markedStacks") && !keptOpen(block) {
			_, frames, _ := strings.Cut(block, "\n")
			stacks = append(stacks, frames)
		}
	}
	return stacks
}

// keptOpen reports whether a goroutine is one of a connection that net/http
// keeps open for the next request: it belongs to the process and not to the
// sync that was the first to need it.
func keptOpen(stack string) bool {
	for _, of := range []string{"net/http.(*persistConn)", "net/http.(*Transport)", "net/http.(*http2", "http2.(*", "crypto/tls.(*Conn)"} {
		if strings.Contains(stack, of) {
			return true
		}
	}
	return false
}
