//go:build unix

package fivetran_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An outputLog holds what a process has written to one of its files.
type outputLog struct {
	mu     sync.Mutex
	text   bytes.Buffer
	closed bool
	change chan struct{} // closed at the next change
}

func newOutputLog() *outputLog { return &outputLog{change: make(chan struct{})} }

// Write implements io.Writer.
func (l *outputLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	l.changed()
	return len(p), nil
}

// end notes that the process writes no more.
func (l *outputLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed()
}

func (l *outputLog) changed() {
	close(l.change)
	l.change = make(chan struct{})
}

// String returns the text so far.
func (l *outputLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines returns the complete lines so far.
func (l *outputLog) lines() []string {
	text := l.String()
	end := strings.LastIndexByte(text, '\n')
	if end < 0 {
		return nil
	}
	return strings.Split(text[:end], "\n")
}

// watchdog is the time after which a test fails that waits for an event that does not come.
const watchdog = time.Minute

// await waits for a line that contains a text, and returns it.
func (l *outputLog) await(t testing.TB, text string) string {
	t.Helper()
	expired := time.After(watchdog)
	for {
		l.mu.Lock()
		change, closed := l.change, l.closed
		l.mu.Unlock()
		for _, line := range l.lines() {
			if strings.Contains(line, text) {
				return line
			}
		}
		require.False(t, closed, "the process ended without a line with %q:\n%s", text, l)
		select {
		case <-change:
		case <-expired:
			require.FailNow(t, "a line is missing", "%q in:\n%s", text, l)
		}
	}
}
