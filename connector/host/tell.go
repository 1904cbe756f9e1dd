package host

import (
	"io"
	"time"
)

// Tell writes text for a person, such as the reason why a command line is invalid, to
// standard error. It does not wait longer than a second for a reader that is not reading.
func (p *Process) Tell(text string) { writeWithin(logPatience, p.Stderr, text) }

// writeWithin writes text to standard error, and gives up after limit, because the reader
// may be stuck.
func writeWithin(limit time.Duration, stderr io.Writer, text string) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(stderr, text) // the process ends even if this fails
	}()
	closedWithin(limit, written)
}
