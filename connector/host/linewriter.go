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
	// chunkSize is the number of buffered bytes that triggers a write. It is three
	// quarters of the usual capacity of a pipe, so that a chunk fits although each write
	// begins a page. A smaller size costs more system calls.
	chunkSize = 48 << 10
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
// On Linux, no line of up to 4,096 bytes is ever cut in a pipe, even if the process is
// killed: such lines are written with calls that a pipe accepts as a whole or not at
// all. This requires that no other process writes to the pipe. A longer line may be cut
// if the process ends while the reader is not reading. Once the context of the writer
// is done, each line is written with a call of its own, on every system and to every
// kind of output.
//
// An error of the underlying writer is final. Every later call, including Close,
// returns it. Its kind is Transient if a disk is full, a quota is used up or a file has
// reached its largest size, Configuration if a file is not open for writing, and
// otherwise Interrupted. If the underlying writer is a regular file, the LineWriter
// cuts it back to the end of its last whole line. It removes only text that it has
// written itself. A LineWriter is safe for concurrent use.
type LineWriter struct {
	out      output
	ctx      context.Context      // once done, patience bounds a flush
	patience func() time.Duration // returns the bound, from the time of its call

	// The caller of Line that fills a chunk writes it with calls that cannot block, and
	// waits for room between them. Handing the lines to another goroutine would move
	// them from one processor's cache to another's and back, which costs more than the
	// write. The goroutine of the writer does all writes that may block, so that a
	// caller never waits for the reader once the context is done. It also writes lines
	// that have waited too long, and serves Flush.

	// turn holds a token during a write. It is not a mutex, so that a caller
	// can stop waiting for it, and so that it can be passed on.
	turn chan struct{}
	// handed passes the token of turn to the goroutine of the writer.
	handed chan struct{}
	// lines holds the lines that the holders of the token have taken from buf. The first
	// sent bytes of it have been written.
	lines []byte
	sent  int

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
	return newLineWriter(ctx, newOutput(w), patience)
}

func newLineWriter(ctx context.Context, out output, patience func() time.Duration) *LineWriter {
	l := &LineWriter{
		out: out, ctx: ctx, patience: patience, turn: make(chan struct{}, 1), handed: make(chan struct{}, 1),
		asked: make(chan chan<- error), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go l.run()
	return l
}

// run writes buffered lines at intervals, on request, and when they are handed to it,
// until Close.
func (l *LineWriter) run() {
	defer close(l.done)
	tick := time.NewTicker(idleFlush)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-l.handed:
			_ = l.write() // the next call of Line or Close returns the error
		case reply := <-l.asked:
			select {
			case l.turn <- struct{}{}:
			case <-l.handed: // with the token
			case <-l.stop:
				return
			}
			reply <- l.write()
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
// has been buffered but not necessarily written. Once the context of the writer is
// done, Line does not block.
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
	size := len(l.buf)
	l.mu.Unlock()
	if size < chunkSize {
		return nil
	}
	select {
	case l.turn <- struct{}{}:
	case <-l.ctx.Done():
		return nil // few more lines will follow, and Close writes them
	}
	if done, err := l.writeUnblocked(); done {
		return err
	}
	l.handed <- struct{}{}
	return nil
}

// writeUnblocked writes the buffered lines with calls that do not block. It waits for room
// between them until the context is done. The caller holds the token of turn. If done is
// true, writeUnblocked has released the token. Otherwise, a call that may block has to
// write the rest.
func (l *LineWriter) writeUnblocked() (done bool, err error) {
	l.take()
	for l.sent < len(l.lines) {
		if l.ctx.Err() != nil {
			return false, nil //nolint:nilerr // the lines are still to be written
		}
		rest, room := l.lines[l.sent:], l.out.room()
		if room < min(len(rest), pipeBuf) {
			if !l.out.awaitRoom(l.ctx) {
				return false, nil
			}
			room = max(l.out.room(), pipeBuf)
		}
		piece := bytes.LastIndexByte(rest[:min(room, len(rest))], '\n') + 1
		if piece == 0 {
			return false, nil // a long line
		}
		if err := l.out.write(rest[:piece]); err != nil {
			return true, l.wrote(writeFailure(err))
		}
		l.sent += piece
	}
	return true, l.wrote(nil)
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

// take moves the buffered lines to l.lines. The caller holds the token of turn.
func (l *LineWriter) take() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		l.lines, l.buf, l.spare = l.buf, l.spare, nil
		return
	}
	l.lines = append(l.lines, l.buf...)
	l.buf = l.buf[:0]
}

// wrote records the result of writing l.lines and releases the token of turn. It returns
// err.
func (l *LineWriter) wrote(err error) error {
	defer func() { <-l.turn }()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil { // else Close gave up waiting for this write
		l.err = err
	}
	if cap(l.lines) <= hugeChunk {
		l.spare = l.lines[:0]
	}
	l.lines, l.sent = nil, 0
	return err
}

// write writes the buffered lines. The caller holds the token of turn, which write
// releases.
func (l *LineWriter) write() error {
	l.take()
	l.mu.Lock()
	err := l.err
	l.mu.Unlock()
	for err == nil && l.sent < len(l.lines) {
		piece := l.piece(l.lines[l.sent:])
		if err = l.out.write(l.lines[l.sent:][:piece]); err != nil {
			err = writeFailure(err)
		}
		l.sent += piece
	}
	return l.wrote(err)
}

// piece returns the length of the lines that the next call writes. While the call
// blocks, the process may end.
func (l *LineWriter) piece(lines []byte) int {
	first := bytes.IndexByte(lines, '\n') + 1
	if l.ctx.Err() != nil {
		return first
	}
	limit := l.out.limit()
	if limit >= len(lines) {
		return len(lines)
	}
	return max(first, bytes.LastIndexByte(lines[:limit], '\n')+1)
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
