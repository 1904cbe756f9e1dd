package hosttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var abandonedRule = rule{
	name:     "Abandoned",
	contract: "a Sync that ignores its context is abandoned after the grace period: the failure says so, and the connector is not closed while its method runs",
	fix:      "do not wait for the connector after Run.Sync has returned, and leave closing it to Run.Close",
	check: func(c *check) {
		ctx, cancel := context.WithCancel(c.Context())
		defer cancel()
		free, returned, canceled := make(chan struct{}), make(chan struct{}), make(chan struct{})
		release := sync.OnceFunc(func() { close(free) })
		defer release()
		var late error // of a row after the end
		s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
			defer close(returned)
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			err := out.Upsert("orders", note{1, "n"})
			cursor.Advance(1)
			if err = errors.Join(err, out.Checkpoint()); err != nil {
				return err
			}
			cancel()
			close(canceled)
			<-free
			late = out.Upsert("orders", note{2, "n"})
			return nil
		})
		a := c.serve(call{
			ctx: ctx, source: s, request: Request{Configuration: []byte(configured)},
			opts: []host.Option{host.Grace(c.grace)}, limit: c.grace + c.promptly, started: canceled, release: release, lasting: true,
		})
		c.wantFailure(a, connector.Interrupted, fmt.Sprintf("Sync did not return within %v after its context was done", c.grace))
		if s.script.closed.Load() > 0 {
			c.broken("the connector was closed while its Sync was running")
		}
		if at := c.positions(s, a.state())["orders"]; at != 1 {
			c.broken("a sync from the last state starts at order %d, want 1", at)
		}
		release()
		select {
		case <-returned:
		case <-time.After(c.tooLong):
			c.fatal("Sync does not return after it was released:\n%s", markedStacks(a.mark))
		}
		if late == nil {
			c.broken("a row was accepted after the host had ended")
		}
		c.settled(a)
	},
}
