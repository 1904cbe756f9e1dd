package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

const (
	// chunkSize is how many bytes of lines are written at once: what a pipe
	// holds, usually. Less costs more system calls, and more is no faster.
	chunkSize = 64 << 10
	// hugeChunk is the size from which a buffer's memory is not kept.
	hugeChunk = 1 << 20
	// idleFlush is how long a line waits for company.
	idleFlush = 50 * time.Millisecond
)

// errWriterClosed is what a writer returns after Close.
var errWriterClosed = connector.Errorf(connector.Interrupted, "write the answer: it has ended")

// errNotRead says that the reader of the lines takes none.
var errNotRead = errors.New("the reader of the answer has stopped reading")

// A LineWriter writes whole lines, for wires whose messages are lines. A line
// waits for others up to 50 ms, so that few system calls are made. While the
// reader is not reading, Line blocks, which applies back pressure to the sync.
// It is safe for concurrent use. An error of a write is final: every later call
// returns it, Close included. It is of kind Interrupted.
type LineWriter struct {
	w        io.Writer
	ctx      context.Context      // once done, a flush waits no longer than patience
	patience func() time.Duration // from the moment that it is asked

	// Lines are gathered, and written by whoever adds the line that makes them
	// enough: handing them to another goroutine would move them from one
	// processor's cache to another's and back, which costs more than the
	// writing. A goroutine of its own writes lines that have waited too long,
	// and those that somebody waits for.

	// turn holds a token while somebody writes. It is not a mutex, so that
	// whoever waits for it can give up.
	turn chan struct{}

	mu    sync.Mutex // guards what follows; never held in a write
	buf   []byte     // whole lines
	spare []byte     // room for lines while others are written
	err   error      // of a write: final
	ended bool       // Close was called

	asked chan chan<- error // flushes that somebody waits for
	stop  chan struct{}
	done  chan struct{} // closed when the goroutine has ended
}

// NewLineWriter returns a writer of lines to w. Once ctx is done, [LineWriter.Flush]
// and [LineWriter.Close] wait for the reader no longer than patience says at the
// moment that they are called. Close it: it has a goroutine. A process has
// [Process.NewLineWriter].
func NewLineWriter(ctx context.Context, w io.Writer, patience func() time.Duration) *LineWriter {
	l := &LineWriter{
		w: w, ctx: ctx, patience: patience, turn: make(chan struct{}, 1),
		asked: make(chan chan<- error), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// run writes what waits until it is told to stop.
func (l *LineWriter) run() {
	defer close(l.done)
	tick := time.NewTicker(idleFlush)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case reply := <-l.asked:
			select {
			case l.turn <- struct{}{}:
				reply <- l.write()
			case <-l.stop:
				return
			}
		case <-tick.C:
			select {
			case l.turn <- struct{}{}:
				_ = l.write() // the next line, or close, returns it again
			default: // somebody writes: nothing is idle
			}
		}
	}
}

// Line adds a line that consists of content between what stands before and after
// it. None of them may contain a line end. It does not keep content. The error is
// that of an earlier write: what Line returns nil for has not been written yet.
func (l *LineWriter) Line(before string, content []byte, after string) error {
	l.mu.Lock()
	if l.err != nil {
		defer l.mu.Unlock()
		return l.err
	}
	l.buf = append(l.buf, before...)
	l.buf = append(l.buf, content...)
	l.buf = append(l.buf, after...)
	l.buf = append(l.buf, '\n')
	enough := len(l.buf) >= chunkSize
	l.mu.Unlock()
	if !enough {
		return nil
	}
	select {
	case l.turn <- struct{}{}:
		return l.write()
	case <-l.ctx.Done():
		return nil // few more will come: close writes them
	}
}

// JSON adds a line that holds a value as JSON, without the escapes that
// encoding/json has for HTML.
func (l *LineWriter) JSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return connector.Errorf(connector.Defect, "write the answer: %w", err)
	}
	return l.Line("", bytes.TrimSuffix(b.Bytes(), []byte("\n")), "")
}

// write writes the lines that were gathered. The caller has the turn, which
// ends here.
func (l *LineWriter) write() error {
	defer func() { <-l.turn }()
	l.mu.Lock()
	lines, err := l.buf, l.err
	l.buf, l.spare = l.spare, nil
	l.mu.Unlock()
	if err == nil && len(lines) > 0 {
		if _, err = l.w.Write(lines); err != nil {
			err = connector.Errorf(connector.Interrupted, "write the answer: %w", err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	if cap(lines) <= hugeChunk {
		l.spare = lines[:0]
	}
	return err
}

// Flush waits until every line so far has been written. Once the context is
// done the wait is bounded.
func (l *LineWriter) Flush() error {
	written := make(chan error, 1)
	asked, giveUp := l.asked, l.ctx.Done()
	var expired <-chan time.Time
	for {
		select {
		case asked <- written:
			asked = nil
		case err := <-written:
			return err
		case <-l.stop:
			return errWriterClosed
		case <-giveUp:
			giveUp = nil
			timer := time.NewTimer(l.patience())
			defer timer.Stop()
			expired = timer.C
		case <-expired:
			return connector.Errorf(connector.Interrupted, "write the answer: %w", errNotRead)
		}
	}
}

// Close writes what is left and ends the goroutine. One that is stuck in a write
// is left behind when the wait is over; it ends with that write. Lines that come
// later are refused, and so is a second Close.
func (l *LineWriter) Close() error {
	l.mu.Lock()
	if l.ended {
		defer l.mu.Unlock()
		return l.err
	}
	l.ended = true
	l.mu.Unlock()
	err := l.Flush()
	l.mu.Lock()
	if l.err == nil {
		l.err = errWriterClosed // no line is taken any more
	}
	l.mu.Unlock()
	close(l.stop)
	if !errors.Is(err, errNotRead) {
		<-l.done
	}
	return err
}
