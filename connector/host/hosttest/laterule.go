package hosttest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var lateRule = rule{
	name:     "Late",
	contract: "once a sync or the function of a table has returned, operations of its goroutines fail with ErrClosed, the sync fails as a defect of the connector, and no row follows the last state",
	fix:      "pass the connector to host.New unchanged, write nothing after the operations of Run.Sync except the failure, and return the error of Run.Sync",
	check: func(c *check) {
		c.lateGoroutine()
		c.lateMoment()
		c.lateEmitter()
	},
}

// lateGoroutine delivers rows from a goroutine after Sync has returned.
func (c *check) lateGoroutine() {
	c.in("a goroutine that continues")
	ended := make(chan struct{})
	over := make(chan error, 1)
	const most = 500 // maximum number of rows before the sync has ended
	s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		first := make(chan struct{})
		deliver := func(id int64) error {
			err := out.Upsert("orders", note{id, "n"})
			if err == nil {
				cursor.Advance(id)
			}
			return errors.Join(err, out.Checkpoint(), out.Declare(schema.Table{
				Name: fmt.Sprintf("late_%d", id), Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}},
			}))
		}
		go func() {
			_ = deliver(1) // the sync has not returned
			close(first)
			for id := int64(2); id < most && deliver(id) == nil; id++ {
				runtime.Gosched()
			}
			<-ended
			over <- deliver(most)
		}()
		<-first
		return nil
	})
	end := sync.OnceFunc(func() { close(ended) })
	a, wait := c.begin(call{source: s, request: Request{Configuration: []byte(configured)}, release: end, lasting: true})
	wait()
	end()
	select {
	case err := <-over:
		if !errors.Is(err, connector.ErrClosed) {
			c.broken("a goroutine delivered a row after the host had ended, and got %v, want ErrClosed", err)
		}
	case <-time.After(c.tooLong):
		c.fatal("a goroutine delivered a row after the host had ended, and the call does not return:\n%s", markedStacks(a.mark))
	}
	c.settled(a)
	if a.err != nil { // otherwise the sync had ended before the goroutine went on
		c.wantFailure(a, connector.Defect, stillDelivering)
	}
	if all := a.of(Row, State, Tables); len(all) > 0 && all[len(all)-1].Kind != State {
		c.broken("an event follows the last state: %v", all[len(all)-1])
	}
	c.covered(s, a)
}

// stillDelivering is part of the message of a sync that left a goroutine behind.
const stillDelivering = "returned while a goroutine was still delivering"

// lateMoment delivers a row after the last state but before the run has ended, when
// the runtime logs the end of the sync.
func (c *check) lateMoment() {
	c.in("a row after the last state")
	var kept connector.Emitter
	var answers []error
	s := syncing(shop, func(_ context.Context, _ state.State, out connector.Emitter) error {
		kept = out
		return out.Upsert("orders", note{1, "n"})
	})
	log := watchedLog{slog.DiscardHandler, func(message string) {
		if message == "sync ended" {
			answers = append(answers, kept.Upsert("orders", note{2, "late"}))
		}
	}}
	a := c.serve(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{host.LogTo(log)}})
	if len(answers) == 0 {
		c.broken("the run does not log that the sync has ended, so the row was never delivered: pass the options of Serve to host.New")
	}
	for _, err := range answers {
		if !errors.Is(err, connector.ErrClosed) {
			c.broken("the call of Upsert returned %v, want ErrClosed", err)
		}
	}
	c.wantFailure(a, connector.Defect, stillDelivering)
	if all := a.of(Row, State); len(all) == 0 || all[len(all)-1].Kind != State {
		c.broken("the sync does not end with a state")
	}
}

// A watchedLog calls watch with each message.
type watchedLog struct {
	slog.Handler
	watch func(message string)
}

func (l watchedLog) Enabled(context.Context, slog.Level) bool { return true }

func (l watchedLog) Handle(_ context.Context, r slog.Record) error {
	l.watch(r.Message)
	return nil
}

// lateEmitter uses emitters after the functions that received them have returned.
func (c *check) lateEmitter() {
	c.in("an emitter that is kept")
	var kept []connector.Emitter
	use := func(out connector.Emitter) error {
		var wrong []error
		for name, err := range map[string]error{
			"Upsert":     out.Upsert("orders", note{9, "late"}),
			"Update":     out.Update("orders", note{9, "late"}),
			"Delete":     out.Delete("orders", note{9, "late"}),
			"Truncate":   out.Truncate("orders"),
			"Warn":       out.Warn("too late"),
			"Declare":    out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}),
			"Checkpoint": out.Checkpoint(),
			"SyncTables": out.SyncTables(func(connector.Emitter) error { return nil }, "orders"),
			"Scope":      out.Scope("orders").Upsert("orders", note{9, "late"}),
		} {
			if !errors.Is(err, connector.ErrClosed) {
				wrong = append(wrong, fmt.Errorf("%s after the end returned %s, want ErrClosed", name, fmt.Sprint(err)))
			}
		}
		return errors.Join(wrong...)
	}
	s := syncing(shop, func(ctx context.Context, _ state.State, out connector.Emitter) error {
		var own connector.Emitter
		err := out.SyncTables(func(table connector.Emitter) error {
			own = table
			return table.Upsert("orders", note{1, "n"})
		}, "orders")
		kept = []connector.Emitter{own, out}
		return errors.Join(err, use(own), out.Upsert("orders", note{2, "n"}))
	})
	a := c.serve(call{source: s, request: Request{Configuration: []byte(configured)}})
	c.wantFailure(a, connector.Defect, stillDelivering)
	for _, out := range kept {
		if err := use(out); err != nil {
			c.broken("%v", err)
		}
	}
	c.settled(a)
	for _, e := range a.of(Row, Warning, Tables) {
		if e.Kind != Row || strings.Contains(string(e.Row), "late") {
			c.broken("an operation arrived although its call returned ErrClosed: %v", e)
		}
	}
	if got := fmt.Sprint(a.ids("shop.orders")); got != "[1 2]" {
		c.broken("the orders %s arrived, want 1 and 2", got)
	}
}
