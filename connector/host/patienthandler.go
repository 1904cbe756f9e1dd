package host

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// logPatience is the time that a record of the log waits for a reader of standard
	// error that is not reading. Once a signal has arrived, it is exitMargin.
	logPatience = time.Second
	// maxPending is the number of records that are kept for such a reader.
	maxPending = 256
)

// A patientHandler is a slog.Handler that does not wait forever for the reader of
// the log. Without it, a platform that reads only the response of a process would stop
// the process as soon as the pipe of its log is full.
type patientHandler struct {
	slog.Handler
	queue *logQueue
}

// A logQueue holds the records that a blocked handler has not accepted.
type logQueue struct {
	ctx context.Context // done once a signal has arrived

	mu      sync.Mutex
	blocked int           // the number of calls that have been given up and have not returned
	pending []func()      // the newest records, while a call is blocked
	lost    int           // the number of records that were dropped
	idle    chan struct{} // closed once blocked is zero again; nil if it is zero
}

// A logCall is the call of a handler for one record.
type logCall struct {
	done    chan struct{} // closed when the call has returned
	givenUp bool          // guarded by logQueue.mu
	err     error
	panic   any
}

// Handle passes the record to the handler and waits until that has returned, but no
// longer than logPatience. While such a call is blocked, Handle does not wait.
func (h patientHandler) Handle(ctx context.Context, r slog.Record) error {
	q := h.queue
	q.mu.Lock()
	if q.blocked > 0 {
		defer q.mu.Unlock()
		q.postpone(h.Handler, r)
		return nil
	}
	q.mu.Unlock()
	call := &logCall{done: make(chan struct{})}
	go func() {
		defer q.ended(call, h.Handler)
		defer func() { call.panic = recover() }()
		call.err = h.Handler.Handle(ctx, r)
	}()
	if !q.await(call) {
		return nil
	}
	if call.panic != nil {
		panic(call.panic) // as without this handler
	}
	return call.err
}

// await waits for a call. It reports false if it has given up.
func (q *logQueue) await(call *logCall) bool {
	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	told := q.ctx.Done()
	for waiting := true; waiting; {
		select {
		case <-call.done:
			return true
		case <-told:
			told = nil
			timer.Reset(exitMargin)
		case <-timer.C:
			waiting = false
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-call.done:
		return true
	default:
	}
	call.givenUp = true
	if q.blocked++; q.idle == nil {
		q.idle = make(chan struct{})
	}
	return false
}

// ended records that a call has returned. If it was given up, the records that have
// come since follow it.
func (q *logQueue) ended(call *logCall, h slog.Handler) {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(call.done)
	if !call.givenUp {
		return
	}
	for len(q.pending) > 0 || q.lost > 0 {
		if q.lost > 0 {
			q.pending = slices.Insert(q.pending, 0, loss(h, q.lost))
			q.lost = 0
		}
		next := q.pending[0]
		q.pending = q.pending[1:]
		q.mu.Unlock()
		next()
		q.mu.Lock()
	}
	if q.blocked--; q.blocked == 0 {
		close(q.idle)
		q.idle = nil
	}
}

// postpone keeps a record for the time when the blocked call returns. If there are too
// many, it drops the oldest one. The caller holds q.mu.
func (q *logQueue) postpone(h slog.Handler, r slog.Record) {
	frozen := frozenLog.record(r, r.Message)
	if len(q.pending) == maxPending {
		q.pending = slices.Delete(q.pending, 0, 1)
		q.lost++
	}
	q.pending = append(q.pending, func() { handleLate(h, frozen) })
}

// handleLate passes a record to a handler whose caller no longer waits, so that nobody
// could be told of an error or of a panic.
func handleLate(h slog.Handler, r slog.Record) {
	defer func() { _ = recover() }()
	_ = h.Handle(context.Background(), r)
}

// loss returns a function that logs the number of records that were dropped.
func loss(h slog.Handler, n int) func() {
	r := slog.NewRecord(time.Now(), slog.LevelWarn,
		"the log is incomplete, because it was not read; read standard error while the program runs, or redirect it to a file", 0)
	r.AddAttrs(slog.Int("missing_records", n))
	return func() {
		if h.Enabled(context.Background(), r.Level) {
			handleLate(h, r)
		}
	}
}

// drain waits until the handler has accepted all records, but no longer than limit.
func (q *logQueue) drain(limit time.Duration) {
	q.mu.Lock()
	idle := q.idle
	q.mu.Unlock()
	if idle != nil {
		closedWithin(limit, idle)
	}
}

// isBlocked reports whether the handler has not accepted all records.
func (q *logQueue) isBlocked() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.idle != nil
}

// WithAttrs implements slog.Handler.
func (h patientHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return patientHandler{h.Handler.WithAttrs(attrs), h.queue}
}

// WithGroup implements slog.Handler.
func (h patientHandler) WithGroup(name string) slog.Handler {
	return patientHandler{h.Handler.WithGroup(name), h.queue}
}

// frozenLog makes records independent of values that the caller may change.
var frozenLog = logText{
	func(text string) string { return text },
	func(v slog.Value) slog.Value { return slog.StringValue(fmt.Sprintf("%+v", v.Any())) },
}
