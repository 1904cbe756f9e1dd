package hosttest

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// markKey is the label of the goroutines of a call. Goroutines inherit it from
// the one that starts them, so that those of other tests are never taken for
// this one's.
const markKey = "hosttest"

var marks atomic.Int64

func newMark() string { return strconv.FormatInt(marks.Add(1), 10) }

// marked calls f, whose goroutines can be found by the mark from then on.
func marked(ctx context.Context, mark string, f func(ctx context.Context)) {
	pprof.Do(ctx, pprof.Labels(markKey, mark), f)
}

// leftBehind returns the stacks of the goroutines with a mark that do not end
// within the limit.
func leftBehind(mark string, limit time.Duration) string {
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		stacks := markedStacks(mark)
		if stacks == "" || time.Now().After(deadline) {
			return stacks
		}
	}
}

// markedStacks reads the goroutine profile: blocks between empty lines, each with
// the labels of the goroutines that have the stack.
func markedStacks(mark string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return ""
	}
	var stacks []string
	label := strconv.Quote(markKey) + ":" + strconv.Quote(mark)
	for block := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(block, label) {
			stacks = append(stacks, block)
		}
	}
	return strings.Join(stacks, "\n\n")
}
