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
	// chunkSize is the number of buffered bytes that triggers a write. It is the
	// usual capacity of a pipe. A smaller size costs more system calls, and a
	// larger one is no faster.
	chunkSize = 64 << 10
	// hugeChunk is the capacity in bytes above which a buffer is not reused.
	hugeChunk = 1 << 20
	// idleFlush bounds the time that a line waits for more lines.
	idleFlush = 50 * time.Millisecond
)

// errWriterClosed is returned by a writer after Close.
var errWriterClosed = connector.Errorf(connector.Interrupted, "write the response: the writer is closed")

// errNotRead reports that the reader of the response is not reading.
var errNotRead = errors.New("the reader of the response has stopped reading")

// A LineWriter writes whole lines, for wires whose messages are lines. It buffers
// a line for up to 50 ms, so that it makes few system calls. While the reader
// is not reading, Line blocks, which applies back pressure to the sync.
//
// An error of the underlying writer is final. Every later call, including Close,
// returns it. Its kind is Interrupted. A LineWriter is safe for concurrent use.
type LineWriter struct {
	w        io.Writer
	ctx      context.Context      // once done, patience bounds a flush
	patience func() time.Duration // returns the bound, from the time of its call

	// The caller of Line that fills a chunk writes it. Handing the lines to
	// another goroutine would move them from one processor's cache to
	// another's and back, which costs more than the write. The goroutine of
	// the writer writes lines that have waited too long, and serves Flush.

	// turn holds a token during a write. It is not a mutex, so that a caller
	// can stop waiting for it.
	turn chan struct{}

	mu    sync.Mutex // guards the fields below; not held during a write
	buf   []byte     // whole lines
	spare []byte     // the buffer that is not in use, or nil
	err   error      // of a write; final
	ended bool       // Close was called

	asked chan chan<- error // requests of Flush
	stop  chan struct{}     // closed by Close
	done  chan struct{}     // closed when the goroutine has ended
}

// NewLineWriter returns a LineWriter that writes to w. Once ctx is done,
// [LineWriter.Flush] and [LineWriter.Close] call patience and wait for the reader
// no longer than the duration that it returns. The writer starts a goroutine,
// which Close ends. In a process, use [Process.NewLineWriter].
func NewLineWriter(ctx context.Context, w io.Writer, patience func() time.Duration) *LineWriter {
	l := &LineWriter{
		w: w, ctx: ctx, patience: patience, turn: make(chan struct{}, 1),
		asked: make(chan chan<- error), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// run writes buffered lines at intervals and on request, until Close.
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
				_ = l.write() // the next call of Line or Close returns the error
			default: // a write is running, so the lines are not idle
			}
		}
	}
}

// Line adds a line that consists of before, content and after, and appends a line
// feed. None of the arguments may contain a line feed. Line does not retain
// content. The error comes from an earlier write: if Line returns nil, the line
// has been buffered but not necessarily written.
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
		return nil // few more lines will follow, and Close writes them
	}
}

// JSON adds a line that contains v as JSON, encoded by encoding/json without HTML
// escapes.
func (l *LineWriter) JSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return connector.Errorf(connector.Defect, "write the response: %w", err)
	}
	return l.Line("", bytes.TrimSuffix(b.Bytes(), []byte("\n")), "")
}

// write writes the buffered lines. The caller holds the token of turn, which write
// releases.
func (l *LineWriter) write() error {
	defer func() { <-l.turn }()
	l.mu.Lock()
	lines, err := l.buf, l.err
	l.buf, l.spare = l.spare, nil
	l.mu.Unlock()
	if err == nil && len(lines) > 0 {
		if _, err = l.w.Write(lines); err != nil {
			err = connector.Errorf(connector.Interrupted, "write the response: %w", err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil { // else Close gave up waiting for this write
		l.err = err
	}
	if cap(lines) <= hugeChunk {
		l.spare = lines[:0]
	}
	return err
}

// Flush waits until all buffered lines have been written. Once the context of the
// writer is done, the wait is bounded; see [NewLineWriter].
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
			return connector.Errorf(connector.Interrupted, "write the response: %w", errNotRead)
		}
	}
}

// Close writes the buffered lines and ends the goroutine of the writer. If the
// wait expires while a write blocks, Close returns, and the goroutine ends when
// the write does. Later calls of any method return an error.
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
		l.err = errWriterClosed
	}
	l.mu.Unlock()
	close(l.stop)
	if !errors.Is(err, errNotRead) {
		<-l.done
	}
	return err
}
