package hosttest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var deliveredRule = rule{
	name:     "Delivered",
	contract: "the function of connector.OnDelivered is called for a state after the state has been handed to the platform, in order, and for the last state before the connector is closed",
	fix:      "return from Destination.Write for an OpCheckpoint once the state has been handed over, or implement host.Flusher, whose Flush waits for that",
	check: func(c *check) {
		c.deliveredInOrder()
		c.deliveredToStuckReader()
	},
}

// acknowledged holds the positions of the states that were reported as delivered.
type acknowledged struct {
	calling atomic.Int32
	mu      sync.Mutex
	at      []int64
	faults  []string
}

// note records a state. A fault is recorded if calls overlap.
func (k *acknowledged) note(s *source, st state.State) {
	if k.calling.Add(1) > 1 {
		k.fault("two calls overlap")
	}
	defer k.calling.Add(-1)
	if s.script.closed.Load() > 0 {
		k.fault("the function was called after the connector was closed")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = append(k.at, state.NewCursor[int64](st, "orders").Start())
}

func (k *acknowledged) fault(what string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, what)
}

// positions returns the positions and the faults.
func (k *acknowledged) positions() (at []int64, faults []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.at), slices.Clone(k.faults)
}

// acknowledging returns a source that delivers rows of the given size, with a
// checkpoint after each, and that records which states were delivered.
func acknowledging(k *acknowledged, rows, size int) *source {
	var s *source
	text := strings.Repeat("x", size)
	s = syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
		connector.OnDelivered(ctx, func(st state.State) { k.note(s, st) })
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= int64(rows); id++ {
			if err := out.Upsert("orders", note{id, text}); err != nil {
				return err
			}
			cursor.Advance(id)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

// deliveredInOrder lets a sync succeed.
func (c *check) deliveredInOrder() {
	c.in("a sync that succeeds")
	var k acknowledged
	const rows = 20
	s := acknowledging(&k, rows, 10)
	a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
	at, faults := k.positions()
	for _, fault := range faults {
		c.broken("%s", fault)
	}
	if !slices.IsSorted(at) {
		c.broken("the states were reported in the order %v", at)
	}
	if len(at) == 0 || at[len(at)-1] != rows {
		c.broken("the states %v were reported, want the last state, which covers order %d", at, rows)
	}
	if got := c.positions(s, a.state())["orders"]; got != rows {
		c.broken("a state that covers order %d was reported, but the last state that arrived covers order %d", rows, got)
	}
}

// deliveredToStuckReader ends a sync whose platform has stopped reading.
func (c *check) deliveredToStuckReader() {
	c.in("a platform that stops reading")
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	var k acknowledged
	reader := newStopped()
	defer reader.release()
	s := acknowledging(&k, 2000, 1000)
	canceled := make(chan struct{})
	a, wait := c.begin(call{
		ctx: ctx, source: s, request: Request{Configuration: []byte(configured), Stuck: true}, take: reader.take,
		opts:  []host.Option{each, host.Grace(20 * time.Millisecond)},
		limit: c.promptly, started: canceled, release: reader.release, lasting: true,
	})
	reached := c.reach(reader, a)
	cancel()
	close(canceled)
	wait()
	at, _ := k.positions()
	reader.release()
	if !reached {
		c.fatal("no event reached the platform")
	}
	if stacks := leftBehind(a.mark, c.promptly); stacks != "" {
		c.broken("the host left goroutines behind after the reader was released:\n%s", stacks)
	}
	// The platform had received more than it had read.
	arrived := c.positions(s, a.state())["orders"]
	if len(at) > 0 && at[len(at)-1] > arrived {
		c.broken("a state that covers order %d was reported, but the last state that arrived covers order %d", at[len(at)-1], arrived)
	}
}
