package hosttest

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var failedSyncRule = rule{
	name:     "FailedSync",
	contract: "the rows that a sync delivered before it failed arrive, with a state that covers exactly those up to the last checkpoint; the failure is reported once, with its kind and what to do",
	fix:      "pass on every operation even if Run.Sync fails, then report the result of Run.Classify once, with the text of Run.Explain and the platform's term for its kind, and return it",
	check: func(c *check) {
		returning := func(err error) func() error { return func() error { return err } }
		for _, test := range []struct {
			name string
			fail func() error
			kind connector.Kind
			says string // part of the message
		}{
			{"a wrong configuration", returning(connector.Errorf(connector.Configuration, "the account is closed")), connector.Configuration, "the account is closed; check the configuration"},
			{"a busy source", returning(connector.Errorf(connector.Transient, "the source is busy")), connector.Transient, "the source is busy; try again later"},
			{"an interruption", returning(connector.Errorf(connector.Interrupted, "the source hung up")), connector.Interrupted, "the source hung up"},
			{"a defect", returning(errors.New("the answer has no total")), connector.Defect, "the answer has no total; this is a defect of the connector"},
			{"an error with a hint", returning(&connector.Error{Kind: connector.Configuration, Table: "orders", Hint: "create a key with read access", Err: errors.New("403")}),
				connector.Configuration, "table orders: 403; create a key with read access"},
			{"a panic", func() error { panic("index out of range") }, connector.Defect, "panic in Sync: index out of range"},
			{"runtime.Goexit", func() error { runtime.Goexit(); return nil }, connector.Defect, "Sync called runtime.Goexit"},
		} {
			c.in("%s", test.name)
			c.failSync(test.fail, test.kind, test.says)
		}
		c.invalidConfiguration()
	},
}

// failSync runs a sync that fails after its last checkpoint, with two rows that no
// state covers.
func (c *check) failSync(fail func() error, kind connector.Kind, says string) {
	s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= 4; id++ {
			if err := out.Upsert("orders", note{id, "n"}); err != nil {
				return err
			}
			cursor.Advance(id)
			if id <= 2 {
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
		}
		return fail()
	})
	for _, opts := range [][]host.Option{nil, {each}} {
		a := c.serve(call{source: s, request: Request{Configuration: []byte(configured)}, opts: opts})
		if got := a.ids("shop.orders"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
			c.broken("the orders %v arrived, want 1 to 4", got)
		}
		c.wantFailure(a, kind, says)
		c.covered(s, a)
		if at := c.positions(s, a.state())["orders"]; at != 2 {
			c.broken("a sync from the last state starts at order %d, want 2, which the last checkpoint covers", at)
		}
		if all := a.of(Row, State); len(all) > 0 && all[len(all)-1].Kind != State {
			c.broken("no state follows the last row")
		}
	}
	if n := s.script.closed.Load(); n != 2 {
		c.broken("the connector was closed %d times in two runs, want twice", n)
	}
}

// invalidConfiguration requests a sync with a configuration that is not valid.
func (c *check) invalidConfiguration() {
	c.in("a configuration that is not valid")
	ran := false
	s := syncing(shop, func(context.Context, state.State, connector.Emitter) error { ran = true; return nil })
	a := c.serve(call{source: s, request: Request{Configuration: []byte(`{"account":"a-1"}`)}})
	c.wantFailure(a, connector.Configuration, "token: is required")
	if ran || len(a.of(Row, State)) > 0 {
		c.broken("the sync ran although the configuration is not valid")
	}
}
