package connectortest

import (
	"strings"
	"sync"
)

// A logTail keeps the last lines of a log. It is safe for concurrent use.
type logTail struct {
	mu    sync.Mutex
	lines []string
}

func (t *logTail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, string(p)); len(t.lines) > 10 {
		t.lines = t.lines[1:]
	}
	return len(p), nil
}

func (t *logTail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "")
}
