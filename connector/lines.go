package connector

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// chunkSize is how many bytes of lines are written at once: what a pipe
	// holds, usually. Less costs more handing over, and more is no faster.
	chunkSize = 64 << 10
	// chunks is how many of them there are: one is filled while others wait
	// to be written.
	chunks = 3
	// hugeChunk is the size from which a chunk's memory is not kept.
	hugeChunk = 1 << 20
	// idleFlush is how long a line waits for company.
	idleFlush = 50 * time.Millisecond
)

// errStuck says that the reader of the lines takes none.
var errStuck = errors.New("the reader of the answer has stopped reading")

// A lineWriter writes whole lines, from a goroutine of its own: lines are made
// while others are written, and whoever makes them need not wait for a reader
// that is stuck. A few chunks of lines are all that it holds. Its methods may
// not be called concurrently.
type lineWriter struct {
	w     io.Writer
	ctx   context.Context // once done, nobody waits longer than grace
	grace time.Duration

	mu  sync.Mutex // guards lines, between the caller and an idle flush
	buf []byte     // whole lines that are not handed over

	full   chan chunk
	free   chan []byte
	failed chan struct{} // closed once err is set
	err    error
	done   chan struct{} // closed when the goroutine has ended
}

// A chunk is some whole lines on their way.
type chunk struct {
	lines   []byte
	written chan<- struct{} // closed after the write; optional
}

func newLineWriter(ctx context.Context, w io.Writer, grace time.Duration) *lineWriter {
	l := &lineWriter{
		w: w, ctx: ctx, grace: grace,
		full: make(chan chunk, 1), free: make(chan []byte, chunks),
		failed: make(chan struct{}), done: make(chan struct{}),
	}
	for range chunks - 1 {
		l.free <- nil
	}
	go l.run()
	return l
}

// run writes chunks until there are no more, or one fails.
func (l *lineWriter) run() {
	defer close(l.done)
	tick := time.NewTicker(idleFlush)
	defer tick.Stop()
	for {
		select {
		case c, ok := <-l.full:
			if !ok || !l.write(c) {
				return
			}
		case <-tick.C:
			if c := l.idle(); len(c.lines) > 0 && !l.write(c) {
				return
			}
		}
	}
}

// idle takes the lines that nobody has handed over. Those that somebody has
// come first, and a caller that holds mu may be waiting for this goroutine.
func (l *lineWriter) idle() (c chunk) {
	if !l.mu.TryLock() {
		return c
	}
	defer l.mu.Unlock()
	if len(l.full) == 0 {
		c.lines, l.buf = l.buf, nil
	}
	return c
}

// write writes a chunk and reports whether that went well.
func (l *lineWriter) write(c chunk) bool {
	if len(c.lines) > 0 {
		if _, err := l.w.Write(c.lines); err != nil {
			l.err = Errorf(Interrupted, "write the answer: %w", err)
			close(l.failed)
			return false
		}
	}
	if c.written != nil {
		close(c.written)
	}
	if cap(c.lines) > hugeChunk {
		c.lines = nil
	}
	select {
	case l.free <- c.lines[:0]:
	default: // idle flushes leave more chunks than there are places
	}
	return true
}

// line adds a line made of the parts. It blocks while there is more to write
// than the reader takes: that is the back pressure.
func (l *lineWriter) line(parts ...[]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range parts {
		l.buf = append(l.buf, p...)
	}
	l.buf = append(l.buf, '\n')
	if len(l.buf) < chunkSize {
		return nil
	}
	select {
	case l.full <- chunk{lines: l.buf}:
	case <-l.failed:
		return l.err
	case <-l.ctx.Done():
		return nil // few more will come: close writes them
	}
	l.buf = nil
	select {
	case l.buf = <-l.free:
	case <-l.failed:
		return l.err
	case <-l.ctx.Done():
	}
	return nil
}

// flush waits until every line so far has been written.
func (l *lineWriter) flush() error {
	written := make(chan struct{})
	l.mu.Lock()
	c := chunk{lines: l.buf, written: written}
	l.buf = nil
	l.mu.Unlock()
	return l.finish(c, written)
}

// close writes what is left and ends the goroutine. A goroutine that is stuck
// in a write is left behind when the grace is over; it ends with that write.
func (l *lineWriter) close() error {
	err := l.flush()
	close(l.full)
	if err == nil {
		<-l.done
	}
	return err
}

// finish hands over a chunk and waits for it to be written. Once the context
// is done the wait is bounded.
func (l *lineWriter) finish(c chunk, written <-chan struct{}) error {
	full := l.full
	giveUp := l.ctx.Done()
	var expired <-chan time.Time
	for {
		select {
		case full <- c:
			full = nil // it is sent
		case <-written:
			return nil
		case <-l.failed:
			return l.err
		case <-giveUp:
			giveUp = nil
			timer := time.NewTimer(l.grace)
			defer timer.Stop()
			expired = timer.C
		case <-expired:
			return Errorf(Interrupted, "write the answer: %w", errStuck)
		}
	}
}
