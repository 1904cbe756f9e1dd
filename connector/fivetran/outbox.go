package fivetran

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	"github.com/penstock-sdk/penstock/connector"
)

const (
	// minBuffer is the capacity of the smallest buffer. gRPC does not release buffers of up to
	// 1 KB.
	minBuffer = 4 << 10
	// maxBuffer is the capacity of the largest buffer that is used again.
	maxBuffer = 512 << 10
	// maxSpare is the number of buffers that are kept for later messages.
	maxSpare = 4
)

// An outbox sends the messages of a stream and knows which of them have been written. SendMsg
// of gRPC returns when a message is in a queue, which a client that is not reading does not
// empty. The connection reports a message when it has been written. gRPC releases the buffer of
// a message when it has written the message or has given it up, and the outbox uses it for
// later messages. If a later version of gRPC copied messages, all would seem to be given up: no
// state would be reported as delivered.
type outbox struct {
	stream grpc.ServerStream
	conn   *connection

	mu      sync.Mutex
	sent    int                  // the number of messages that were passed to gRPC
	written int                  // the number of messages that were written to the connection
	givenUp bool                 // a message was not written
	change  chan struct{}        // closed when written or givenUp changes; nil if nobody waits
	used    map[*[]byte]*sending // the messages that gRPC holds
	spare   [][]byte
}

// A sending is a message that gRPC holds.
type sending struct {
	whole   []byte // its whole buffer
	written bool
}

func newOutbox(stream grpc.ServerStream) *outbox {
	conn, _ := connectionOf(stream.Context()) // every request of this server has one
	return &outbox{stream: stream, conn: conn, used: map[*[]byte]*sending{}}
}

// buffer returns an empty buffer.
func (o *outbox) buffer() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.spare); n > 0 {
		b := o.spare[n-1]
		o.spare = o.spare[:n-1]
		return b
	}
	return make([]byte, 0, minBuffer)
}

// send sends a message, which is a part of the buffer whole. Both belong to the outbox from
// then on. One goroutine at a time may call it.
func (o *outbox) send(message, whole []byte) error {
	if mem.IsBelowBufferPoolingThreshold(cap(message)) {
		whole = append(make([]byte, 0, minBuffer), message...)
		message = whole
	}
	o.mu.Lock()
	o.sent++
	m := &sending{whole: whole}
	o.used[&message] = m
	o.mu.Unlock()
	o.conn.onWritten(end(message), func() { o.noteWritten(m) })
	if err := o.stream.SendMsg(mem.BufferSlice{mem.NewBuffer(&message, o)}); err != nil {
		if o.stream.Context().Err() != nil {
			return errGone
		}
		return connector.Errorf(connector.Interrupted, "send a message to Fivetran: %w", err)
	}
	return nil
}

// end returns the last byte of a message, none of which is empty.
func end(message []byte) *byte { return &message[len(message)-1] }

// noteWritten notes that a message has been written.
func (o *outbox) noteWritten(m *sending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m.written = true
	o.written++
	o.changed()
}

// changed wakes those who wait. The caller holds o.mu.
func (o *outbox) changed() {
	if o.change != nil {
		close(o.change)
		o.change = nil
	}
}

// Get implements mem.BufferPool. gRPC does not call it.
func (o *outbox) Get(length int) *[]byte {
	b := make([]byte, length)
	return &b
}

// Put implements mem.BufferPool. gRPC calls it when it has written a message or given it up.
func (o *outbox) Put(message *[]byte) {
	o.conn.forget(end(*message))
	o.mu.Lock()
	defer o.mu.Unlock()
	m, ok := o.used[message]
	if !ok {
		return
	}
	delete(o.used, message)
	if !m.written {
		o.givenUp = true
		o.changed()
	}
	if cap(m.whole) <= maxBuffer && len(o.spare) < maxSpare {
		o.spare = append(o.spare, m.whole[:0])
	}
}

// wait waits until all messages that were sent before the call have been written. It returns
// an error if one of them was given up.
func (o *outbox) wait(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for target := o.sent; o.written < target; {
		if o.givenUp {
			return errGone
		}
		if o.change == nil {
			o.change = make(chan struct{})
		}
		change := o.change
		o.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
		}
		o.mu.Lock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}
