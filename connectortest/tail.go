package connectortest

import (
	"strings"
	"sync"
)

// tail keeps the end of a log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, string(p)); len(t.lines) > 10 {
		t.lines = t.lines[1:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "")
}
