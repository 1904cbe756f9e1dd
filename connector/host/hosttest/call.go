package hosttest

import (
	"context"
	"log/slog"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

const (
	// maxEvents and maxBytes limit a run, in case the host writes endlessly.
	maxEvents = 20_000
	maxBytes  = 64 << 20
)

// each makes a run send every checkpoint.
var each = host.CheckpointEvery(0, 0)

// A call is one request to the host under test.
type call struct {
	ctx     context.Context // optional
	source  connector.Connector
	request Request
	take    func(*Event) error // optional: called with each event after it was recorded
	opts    []host.Option
	// limit is the time in which the host must end. It begins when started is
	// closed, or immediately if started is nil. Optional.
	limit   time.Duration
	started <-chan struct{}
	// release frees what the rule blocks. It is called if the host hangs.
	// Optional.
	release func()
	// lasting allows goroutines to be left behind when the call returns.
	lasting bool
}

// begin starts a call. The answer is complete once wait has returned. It also
// reports mistakes that no host may make under any rule.
func (c *check) begin(call call) (a *answer, wait func()) {
	if call.ctx == nil {
		call.ctx = c.Context()
	}
	ctx, stop := context.WithCancel(call.ctx)
	a = &answer{served: make(chan struct{}), mark: newMark()}
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
	go marked(ctx, a.mark, func(ctx context.Context) {
		defer close(a.served)
		done <- c.adapter.Serve(ctx, call.source, call.request, take, opts...)
	})
	return a, func() {
		defer stop()
		c.await(call, a, done, stop)
		if a.end(); a.full() {
			c.fatal("the host wrote more than %d events or %d MiB, which is more than the connector delivered; the last event: %s",
				maxEvents, maxBytes>>20, a.last())
		}
		if !call.lasting {
			c.settled(a)
		}
	}
}

// await waits for the host to end and sets the error of the answer. If the host
// does not end within the limit, await stops it and ends the subtest.
func (c *check) await(call call, a *answer, done <-chan error, stop func()) {
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
}

// settled reports goroutines that the call left behind, and events that arrived
// after its end.
func (c *check) settled(a *answer) {
	if stacks := leftBehind(a.mark, c.promptly); stacks != "" {
		c.fatal("the host left goroutines behind:\n%s", stacks)
	}
	if late := a.firstLate(); late != nil {
		c.broken("events reached the platform after the host had ended; the first event: %s", late)
	}
}

// serve begins a call and waits for its end.
func (c *check) serve(call call) *answer {
	a, wait := c.begin(call)
	wait()
	return a
}

// succeed is like serve, but ends the subtest if the host fails.
func (c *check) succeed(call call) *answer {
	a := c.serve(call)
	if a.err != nil {
		c.fatal("the host failed: %v", a.err)
	}
	if failures := a.of(Failure); len(failures) > 0 {
		c.fatal("the host reported a failure but returned no error: %s", failures[0].Message)
	}
	return a
}
