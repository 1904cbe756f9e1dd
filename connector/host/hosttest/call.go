package hosttest

import (
	"context"
	"log/slog"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

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

const (
	// maxEvents and maxBytes end a run of a host that writes without end.
	maxEvents = 20_000
	maxBytes  = 64 << 20
)

// each makes a run send every checkpoint.
var each = host.CheckpointEvery(0, 0)
