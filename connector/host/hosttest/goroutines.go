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

// markKey is the pprof label of the goroutines of a call. A goroutine inherits its
// labels from the goroutine that starts it. The label therefore distinguishes
// the goroutines of a call from those of other tests.
const markKey = "hosttest"

var marks atomic.Int64

func newMark() string { return strconv.FormatInt(marks.Add(1), 10) }

// marked calls f. The goroutines that f starts carry the mark.
func marked(ctx context.Context, mark string, f func(ctx context.Context)) {
	pprof.Do(ctx, pprof.Labels(markKey, mark), f)
}

// leftBehind waits until no goroutine carries the mark. After the limit, it returns
// the stacks of the remaining ones.
func leftBehind(mark string, limit time.Duration) string {
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		stacks := markedStacks(mark)
		if stacks == "" || time.Now().After(deadline) {
			return stacks
		}
	}
}

// markedStacks returns the stacks of the goroutines that carry the mark. It reads the
// goroutine profile, which consists of blocks separated by empty lines. Each block
// is a stack with the labels of its goroutines.
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
