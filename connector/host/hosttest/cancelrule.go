package hosttest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var cancelRule = rule{
	name:     "Cancel",
	contract: "when its context is done, a run ends at once: the last state arrives, the connector is closed, and no goroutine is left behind",
	fix:      "pass the context of Serve to host.New, pass on the operations that still follow, and call Run.Close once before returning",
	check: func(c *check) {
		for _, test := range []struct {
			name string
			// then runs after the connector has delivered two rows.
			then func(ctx context.Context, waiting func(), out connector.Emitter, free <-chan struct{}) error
		}{
			{"while the connector waits", func(ctx context.Context, waiting func(), _ connector.Emitter, free <-chan struct{}) error {
				waiting()
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-free:
					return errors.New("the context was not done")
				}
			}},
			{"while the connector returns no error", func(ctx context.Context, waiting func(), _ connector.Emitter, free <-chan struct{}) error {
				waiting()
				select {
				case <-ctx.Done():
				case <-free:
				}
				return nil
			}},
			{"between two rows", func(_ context.Context, waiting func(), out connector.Emitter, free <-chan struct{}) error {
				for id := int64(3); id < maxEvents/2; id++ {
					if err := out.Upsert("orders", note{id, "n"}); err != nil {
						return err
					}
					if id == 10 {
						waiting()
					}
				}
				<-free
				return nil
			}},
		} {
			c.in("%s", test.name)
			c.cancelOne(test.then)
		}

		c.in("before the sync started")
		ctx, cancel := context.WithCancel(c.Context())
		cancel()
		s := syncing(shop, func(ctx context.Context, _ state.State, _ connector.Emitter) error { return ctx.Err() })
		a := c.serve(call{ctx: ctx, source: s, request: Request{Configuration: []byte(configured)}, limit: c.promptly})
		if connector.KindOf(a.err) != connector.Interrupted || a.err == nil {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
	},
}

// cancelOne cancels a sync while then runs.
func (c *check) cancelOne(then func(context.Context, func(), connector.Emitter, <-chan struct{}) error) {
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	free := make(chan struct{})
	release := sync.OnceFunc(func() { close(free) })
	defer release()
	canceled := make(chan struct{})
	s := syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= 2; id++ {
			if err := out.Upsert("orders", note{id, "n"}); err != nil {
				return err
			}
			cursor.Advance(id)
			if id == 1 {
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
		}
		return then(ctx, func() { cancel(); close(canceled) }, out, free)
	})
	a := c.serve(call{
		ctx: ctx, source: s, request: Request{Configuration: []byte(configured)},
		opts: []host.Option{host.CheckpointEvery(time.Hour, 1000), host.Grace(c.promptly)}, limit: c.promptly, started: canceled, release: release,
	})
	c.wantFailure(a, connector.Interrupted, "")
	c.covered(s, a)
	if at := c.positions(s, a.state())["orders"]; at != 1 {
		c.broken("a sync from the last state starts at order %d, want 1, which the last checkpoint covers", at)
	}
	if ids := a.ids("shop.orders"); len(ids) < 2 {
		c.broken("%d rows arrived, want at least 2", len(ids))
	}
	if n := s.script.closed.Load(); n != 1 {
		c.broken("the connector was closed %d times, want once", n)
	}
	if s.script.closedEarly.Load() {
		c.broken("the connector was closed while one of its methods was running")
	}
}
