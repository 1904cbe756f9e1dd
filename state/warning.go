package state

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A topic is what a warning is about.
type topic uint8

const (
	otherTopic topic = iota // the text identifies the warning
	futureValue
	futureCursor
	futureBound
	limitExceeded
	limitOfTokensExceeded
	partitionsUnknown
)

// A warningKey identifies a warning. At most one warning with the same key is
// pending.
type warningKey struct {
	part  string
	key   string // of a set of partitions
	text  string // for otherTopic
	topic topic
}

// warnings are the pending warnings of a document.
type warnings struct {
	mu      sync.Mutex // locked last
	pending []warning
	index   map[warningKey]int // the index in pending
	horizon atomic.Int64       // a lower bound of the result of latest
}

type warning struct {
	text  string
	times int
}

// TakeWarnings returns the warnings for the user of the platform that have
// occurred since the previous call, sorted. Each of them is a sentence that names
// a table. A warning that occurred several times is returned once, with the
// number of times.
//
// A runtime calls it before it delivers a state, and after [Document.Finish].
func (d *Document) TakeWarnings() []string {
	w := &d.warnings
	w.mu.Lock()
	defer w.mu.Unlock()
	var texts []string
	for _, one := range w.pending {
		if one.times > 1 {
			one.text += fmt.Sprintf(" (%d times; this is the first)", one.times)
		}
		texts = append(texts, one.text)
	}
	w.pending, w.index = nil, nil
	slices.Sort(texts) // tables are read and saved in random order
	return texts
}

// warn records a warning for the user. If it is already pending, it is not
// repeated.
func (d *Document) warn(message string) {
	d.warnings.put(warningKey{text: message}, message)
}

// repeat counts a warning that is already pending. It reports whether there is
// one. It does not allocate memory, because it may be called for each row.
func (w *warnings) repeat(about warningKey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.index[about]
	if ok {
		w.pending[i].times++
	}
	return ok
}

// add adds a warning, unless one about the same topic is pending.
func (w *warnings) add(about warningKey, format string, args ...any) {
	text := "table " + about.part
	if about.key != "" && about.key != partitionsKey {
		text += ", key " + about.key
	}
	text += ": " + fmt.Sprintf(format, args...)
	w.put(about, text)
}

func (w *warnings) put(about warningKey, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, pending := w.index[about]; pending {
		return
	}
	if w.index == nil {
		w.index = map[warningKey]int{}
	}
	w.index[about] = len(w.pending)
	w.pending = append(w.pending, warning{text, 1})
}

// isFuture reports whether v is a time that is far in the future, or a pair with
// such a time.
func (w *warnings) isFuture(v *value) bool {
	if v.kind != isTime || v.num <= w.horizon.Load() {
		return false
	}
	horizon := latest(time.Now()).Unix()
	w.horizon.Store(horizon)
	return v.num > horizon
}

// latest returns the latest time that is not far in the future. If the clock is
// evidently not set, or is the virtual one of a test, the present is unknown.
func latest(now time.Time) time.Time {
	if now.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return now.AddDate(1, 0, 0)
}
