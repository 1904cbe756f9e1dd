package hosttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/state"
)

const (
	// maxEvents and maxBytes end a run of a host that writes without end.
	maxEvents = 20_000
	maxBytes  = 64 << 20
)

// each makes a run send every checkpoint.
var each = host.CheckpointEvery(0, 0)

// A call is one request to the host under test.
type call struct {
	ctx     context.Context // optional
	source  *source
	request Request
	take    func(*Event) error // optional: sees each event after it was recorded
	opts    []host.Option
	// limit is how long the host may take, from the moment that started is
	// closed, or from the beginning if that is nil. Optional.
	limit   time.Duration
	started <-chan struct{}
	// release frees what the rule itself holds up if the host hangs. Optional.
	release func()
	// lasting says that goroutines may be left when the call returns.
	lasting bool
}

// An answer is what came of a call.
type answer struct {
	events []*Event
	err    error
	served chan struct{} // closed when Serve has returned

	mu    sync.Mutex
	mark  string
	size  int
	ended bool
	late  []*Event // after Serve has returned
}

// errTooMuch ends a run that does not end by itself.
var errTooMuch = errors.New("hosttest: too many events")

func (a *answer) record(e *Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) >= maxEvents || a.size >= maxBytes {
		return errTooMuch
	}
	a.size += len(e.Raw) + len(e.Row) + len(e.State)
	if a.ended {
		a.late = append(a.late, e)
	}
	a.events = append(a.events, e)
	return nil
}

// full reports whether the host wrote without end.
func (a *answer) full() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events) >= maxEvents || a.size >= maxBytes
}

// begin starts a call and returns the answer, which is complete once the function
// has returned. That reports what no host may do, whatever the rule.
func (c *check) begin(call call) (a *answer, wait func()) {
	if call.ctx == nil {
		call.ctx = c.Context()
	}
	ctx, stop := context.WithCancel(call.ctx)
	a = &answer{served: make(chan struct{})}
	take := func(e *Event) error {
		if err := a.record(e); err != nil {
			return err
		}
		if call.take != nil {
			return call.take(e)
		}
		return nil
	}
	opts := append([]host.Option{host.LogTo(slog.DiscardHandler), host.ProgressEvery(0)}, call.opts...)
	done := make(chan error, 1)
	a.mark = newMark()
	go marked(ctx, a.mark, func(ctx context.Context) {
		defer close(a.served)
		done <- c.adapter.Serve(ctx, call.source, call.request, take, opts...)
	})
	return a, func() {
		defer stop()
		limit := c.tooLong
		if call.limit > 0 {
			if call.started != nil {
				select {
				case <-call.started:
				case <-a.served:
				case <-time.After(c.tooLong):
				}
			}
			limit = call.limit
		}
		watchdog := time.NewTimer(limit)
		defer watchdog.Stop()
		select {
		case a.err = <-done:
		case <-watchdog.C:
			stacks := markedStacks(a.mark)
			stop()
			if call.release != nil {
				call.release()
			}
			c.fatal("the host did not end within %v; its goroutines:\n%s", limit, stacks)
		}
		a.mu.Lock()
		a.ended = true
		a.mu.Unlock()
		if a.full() {
			c.fatal("the host wrote more than %d events or %d MiB, which is more than the connector delivered; the last: %s",
				maxEvents, maxBytes>>20, a.last())
		}
		if !call.lasting {
			c.settled(a)
		}
	}
}

// settled reports goroutines that the call left behind, and events that came
// after its end.
func (c *check) settled(a *answer) {
	if stacks := leftBehind(a.mark, c.promptly); stacks != "" {
		c.fatal("goroutines are left behind when the host has ended:\n%s", stacks)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.late) > 0 {
		c.broken("events reached the platform after the host had ended; the first: %s", a.late[0])
	}
}

// serve is begin and wait.
func (c *check) serve(call call) *answer {
	a, wait := c.begin(call)
	wait()
	return a
}

// succeed is serve for a request that has to be answered.
func (c *check) succeed(call call) *answer {
	a := c.serve(call)
	if a.err != nil {
		c.fatal("the host failed: %v", a.err)
	}
	if failures := a.of(Failure); len(failures) > 0 {
		c.fatal("the host reported a failure and returned none: %s", failures[0].Message)
	}
	return a
}

// all returns the events.
func (a *answer) all() []*Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.events)
}

// of returns the events of the given kinds, in order.
func (a *answer) of(kinds ...Kind) []*Event {
	var found []*Event
	for _, e := range a.all() {
		if slices.Contains(kinds, e.Kind) {
			found = append(found, e)
		}
	}
	return found
}

// last returns the last event that is data or a message.
func (a *answer) last() *Event {
	all := a.of(Row, State, Warning, Failure)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// state returns the last state, or nil.
func (a *answer) state() []byte {
	states := a.of(State)
	if len(states) == 0 {
		return nil
	}
	return states[len(states)-1].State
}

// ids returns the ids of the upserts of a table, in order.
func (a *answer) ids(table string) []int64 {
	var ids []int64
	for _, e := range a.of(Row) {
		var row struct {
			ID int64 `json:"id"`
		}
		if e.Table == table && e.Op == host.OpUpsert && json.Unmarshal(e.Row, &row) == nil {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// String describes an event for a failure.
func (e *Event) String() string {
	if e == nil {
		return "none"
	}
	return fmt.Sprintf("%v %s", e.Kind, shorten.Quote(e.Raw, 300))
}

// resume returns what a sync finds that begins with a state: the JSON of each
// part. With no state it is empty.
func (c *check) resume(of *source, saved []byte) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	probe := newSource(&script{
		schema: of.script.schema,
		sync: func(_ context.Context, _ *source, st state.State, _ connector.Emitter) error {
			text, err := st.MarshalJSON()
			if err != nil {
				return err
			}
			return json.Unmarshal(text, &found)
		},
	})
	c.succeed(call{source: probe, request: Request{Configuration: []byte(configured), State: saved}, lasting: true})
	return found
}

// positions returns the cursors in a state, by table.
func (c *check) positions(of *source, saved []byte) map[string]int64 {
	all := map[string]int64{}
	for name, part := range c.resume(of, saved) {
		var cursor struct{ Cursor int64 }
		if json.Unmarshal(part, &cursor) == nil {
			all[name] = cursor.Cursor
		}
	}
	return all
}
