package hosttest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

const (
	// inFlight is how much may be handed over to a host whose reader takes
	// nothing.
	inFlight = 8 << 20
	rowSize  = 16 << 10
	// manyRows is how many rows the connector has: twice what may be in flight.
	manyRows = 2 * inFlight / rowSize
)

// bulkSource returns a source with more rows than may be in flight, which counts
// what it has handed over.
func bulkSource(handed *atomic.Int64) *source {
	text := strings.Repeat("x", rowSize)
	return syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= manyRows; id++ {
			if err := out.Upsert("orders", note{id, text}); err != nil {
				return err
			}
			cursor.Advance(id)
			handed.Add(1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}

// blocked waits until the connector makes no progress. On a slow machine it may
// take a pause for the end of progress, which makes a rule find less, and never
// fail.
func blocked(handed *atomic.Int64) {
	const still = 10
	before, same := int64(-1), 0
	for same < still {
		if now := handed.Load(); now == before {
			same++
		} else {
			before, same = now, 0
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// stopped is a take that blocks at the first event until it is released.
type stopped struct {
	reached chan struct{}
	free    chan struct{}
	once    sync.Once
	release func()
}

func newStopped() *stopped {
	s := &stopped{reached: make(chan struct{}), free: make(chan struct{})}
	s.release = sync.OnceFunc(func() { close(s.free) })
	return s
}

func (s *stopped) take(*Event) error {
	s.once.Do(func() { close(s.reached) })
	<-s.free
	return nil
}

// reach waits until the reader blocks. It reports false if there is nothing to
// read.
func (c *check) reach(s *stopped, a *answer) bool {
	select {
	case <-s.reached:
		return true
	case <-a.served:
		return false
	case <-time.After(c.tooLong):
		return false
	}
}

var slowReaderRule = rule{
	name:     "SlowReader",
	contract: "a reader that takes nothing stops the connector before 8 MiB are in flight, and nothing is lost when it goes on",
	check: func(c *check) {
		var handed atomic.Int64
		reader := newStopped()
		defer reader.release()
		s := bulkSource(&handed)
		a, wait := c.begin(call{source: s, request: Request{Configuration: []byte(configured)}, take: reader.take, release: reader.release})
		if !c.reach(reader, a) {
			reader.release()
			wait()
			c.fatal("no event arrived")
		}
		blocked(&handed)
		if size := handed.Load() * rowSize; size > inFlight {
			c.broken("the connector has handed over %d MiB while the reader took nothing", size>>20)
		}
		reader.release()
		wait()
		if a.err != nil {
			c.broken("the host failed: %v", a.err)
		}
		ids := a.ids("shop.orders")
		for i, id := range ids {
			if id != int64(i+1) {
				c.broken("row %d arrived in place of row %d", id, i+1)
				break
			}
		}
		if len(ids) != manyRows {
			c.broken("%d rows arrived of %d", len(ids), manyRows)
		}
		if at := c.positions(s, a.state())["orders"]; at != manyRows {
			c.broken("a sync that begins with the last state begins at row %d, want %d", at, manyRows)
		}
	},
}

var stuckReaderRule = rule{
	name:     "StuckReader",
	contract: "a reader that takes nothing does not keep a cancelled run from ending within its grace",
	check: func(c *check) {
		ctx, cancel := context.WithCancel(c.Context())
		defer cancel()
		var handed atomic.Int64
		reader := newStopped()
		defer reader.release()
		s := bulkSource(&handed)
		cancelled := make(chan struct{})
		a, wait := c.begin(call{
			ctx: ctx, source: s, request: Request{Configuration: []byte(configured), Stuck: true}, take: reader.take,
			opts:  []host.Option{host.Grace(20 * time.Millisecond)},
			limit: c.promptly, started: cancelled, release: reader.release, lasting: true,
		})
		if !c.reach(reader, a) {
			reader.release()
			cancel()
			close(cancelled)
			wait()
			c.fatal("no event arrived")
		}
		blocked(&handed)
		cancel()
		close(cancelled)
		wait()
		if a.err == nil || connector.KindOf(a.err) != connector.Interrupted {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
		reader.release()
		if stacks := leftBehind(a.mark, c.promptly); stacks != "" {
			c.broken("goroutines are left behind when the reader is freed:\n%s", stacks)
		}
		if s.script.closedEarly.Load() {
			c.broken("the connector was closed while its Sync was running")
		}
	},
}

var goneReaderRule = rule{
	name:     "GoneReader",
	contract: "when the platform goes away, the sync ends at once, as interrupted",
	check: func(c *check) {
		gone := make(chan struct{})
		var handed atomic.Int64
		s := bulkSource(&handed)
		events := 0
		a := c.serve(call{
			source: s, request: Request{Configuration: []byte(configured)}, limit: c.promptly, started: gone,
			take: func(*Event) error {
				if events++; events < 3 {
					return nil
				}
				if events == 3 {
					close(gone)
				}
				return errors.New("the platform goes away")
			},
		})
		if a.err == nil || connector.KindOf(a.err) != connector.Interrupted {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
		if size := handed.Load() * rowSize; size > inFlight {
			c.broken("the connector has handed over %d MiB when nobody read", size>>20)
		}
		if events > 3 {
			c.broken("%d more events were written when the platform had gone", events-3)
		}
		if n := s.script.closed.Load(); n != 1 {
			c.broken("the connector was closed %d times", n)
		}
	},
}
