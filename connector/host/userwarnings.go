package host

import (
	"fmt"
	"sync"
)

// maxUserWarnings limits how many different warnings a sync keeps for its end.
const maxUserWarnings = 100

// userWarnings are the warnings that packages such as transport make during a sync.
// A warning may occur in every record, so the user receives each one once, at the
// end of the sync, with the number of times that it occurred. It is safe for
// concurrent use.
type userWarnings struct {
	mu    sync.Mutex
	byKey map[string]*userWarning
	order []*userWarning
	more  int // warnings beyond maxUserWarnings
}

type userWarning struct {
	message string
	count   int
}

// add keeps a warning that has occurred count times. See [userwarning.Func].
func (w *userWarnings) add(key, message string, count int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := w.byKey[key]
	if kept == nil {
		if len(w.order) == maxUserWarnings {
			w.more += count
			return
		}
		if w.byKey == nil {
			w.byKey = map[string]*userWarning{}
		}
		kept = &userWarning{message: message}
		w.byKey[key] = kept
		w.order = append(w.order, kept)
	}
	kept.count += count
}

// messages returns the text of the warnings in the order of their first occurrence.
func (w *userWarnings) messages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, kept := range w.order {
		if kept.count == 1 {
			all = append(all, kept.message)
		} else {
			all = append(all, fmt.Sprintf("%s (%d times)", kept.message, kept.count))
		}
	}
	if w.more > 0 {
		all = append(all, fmt.Sprintf("there were %d more warnings about other problems", w.more))
	}
	return all
}
