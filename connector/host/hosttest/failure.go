package hosttest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var failedSyncRule = rule{
	name:     "FailedSync",
	contract: "what a sync delivered before it failed stays delivered, the state that covers exactly that arrives, and the failure is reported once, with its kind and what to do about it",
	check: func(c *check) {
		returning := func(err error) func() error { return func() error { return err } }
		for _, test := range []struct {
			name string
			fail func() error
			kind connector.Kind
			says string
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
				return test.fail()
			})
			for _, opts := range [][]host.Option{nil, {each}} {
				a := c.serve(call{source: s, request: Request{Configuration: []byte(configured)}, opts: opts})
				if got := a.ids("shop.orders"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
					c.broken("the orders %v arrived, want 1 to 4", got)
				}
				c.wantFailure(a, test.kind, test.says)
				c.covered(s, a)
				if at := c.positions(s, a.state())["orders"]; at != 2 {
					c.broken("a sync that begins with the last state begins at order %d, want 2, which the last checkpoint covers", at)
				}
				if all := a.of(Row, State); len(all) > 0 && all[len(all)-1].Kind != State {
					c.broken("no state follows the last row")
				}
			}
			if n := s.script.closed.Load(); n != 2 {
				c.broken("the connector was closed %d times in two runs", n)
			}
		}

		c.in("a configuration that is not valid")
		ran := false
		s := syncing(shop, func(context.Context, state.State, connector.Emitter) error { ran = true; return nil })
		a := c.serve(call{source: s, request: Request{Configuration: []byte(`{"account":"a-1"}`)}})
		c.wantFailure(a, connector.Configuration, "token: is required")
		if ran || len(a.of(Row, State)) > 0 {
			c.broken("the sync ran all the same")
		}
	},
}

// wantFailure reports a failure that did not arrive once, or without these words,
// or that is another one for the host's caller.
func (c *check) wantFailure(a *answer, kind connector.Kind, says string) {
	switch {
	case a.err == nil:
		c.broken("the host returned no error")
	case connector.KindOf(a.err) != kind:
		c.broken("the host returned an error of kind %v, want %v: %v", connector.KindOf(a.err), kind, a.err)
	}
	failures := a.of(Failure)
	if len(failures) != 1 {
		c.broken("%d failures were reported, want 1", len(failures))
		return
	}
	if !strings.Contains(failures[0].Message, says) {
		c.broken("the failure that is reported is %q, want one with %q", failures[0].Message, says)
	}
	if term := c.adapter.Terms[kind]; failures[0].Term != term {
		c.broken("the platform's term for the failure is %q, want %q for kind %v", failures[0].Term, term, kind)
	}
	if e := a.last(); e.Kind != Failure {
		c.broken("something follows the failure: %v", e)
	}
}

var failedTableRule = rule{
	name:     "FailedTable",
	contract: "when a table fails, the others complete with their states, and the failure names the table",
	check: func(c *check) {
		for _, test := range []struct {
			name string
			fail func() error
		}{
			{"an error", func() error { return connector.Errorf(connector.Transient, "the list is busy") }},
			{"a panic", func() error { panic("the list is busy") }},
			{"runtime.Goexit", func() error { runtime.Goexit(); return nil }},
		} {
			for _, parallel := range []int{1, 3} {
				c.in("%s, %d in parallel", test.name, parallel)
				c.failOne(parallel, test.fail)
			}
		}
	},
}

func (c *check) failOne(parallel int, fail func() error) {
	tables := []string{"a", "b", "c"}
	s := syncing(tablesOf(tables...), func(ctx context.Context, st state.State, out connector.Emitter) error {
		group := connector.Tables{Parallel: parallel}
		for _, name := range tables {
			group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, name, state.Sorted())
				for id := int64(1); id <= 3; id++ {
					if name == "b" && id == 3 {
						return fail()
					}
					if err := out.Upsert(name, note{id, "n"}); err != nil {
						return err
					}
					cursor.Advance(id)
					if id == 1 {
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
				}
				return nil
			})
		}
		// What a table that failed has reached is not saved by a later checkpoint.
		return errors.Join(group.Sync(ctx, st, out), out.Checkpoint())
	})
	a := c.serve(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
	c.covered(s, a)
	at := c.positions(s, a.state())
	for _, want := range []struct {
		table string
		rows  []int64
		saved int64
	}{{"a", []int64{1, 2, 3}, 3}, {"b", []int64{1, 2}, 1}, {"c", []int64{1, 2, 3}, 3}} {
		if got := a.ids("shop." + want.table); !slices.Equal(got, want.rows) {
			c.broken("table %s: the rows %v arrived, want %v", want.table, got, want.rows)
		}
		if at[want.table] != want.saved {
			c.broken("table %s: a sync that begins with the last state begins at row %d, want %d", want.table, at[want.table], want.saved)
		}
	}
	failures := a.of(Failure)
	switch {
	case a.err == nil:
		c.broken("the host returned no error")
	case len(failures) != 1:
		c.broken("%d failures were reported, want 1", len(failures))
	case !strings.Contains(failures[0].Message, "1 of 3 tables failed: b: "):
		c.broken("the failure that is reported does not name the table: %q", failures[0].Message)
	}
	if failed, ok := errors.AsType[*connector.TablesError](a.err); !ok || len(failed.Failures) != 1 || failed.Failures[0].Table != "b" {
		c.broken("the error that the host returned is not one of table b: %v", a.err)
	}
	if c.adapter.TableEnds {
		c.wantEnds(a, "shop.a", "shop.c")
		ends := slices.DeleteFunc(a.of(TableEnd), func(e *Event) bool { return e.Table != "shop.b" })
		if len(ends) != 1 || ends[0].Message == "" {
			c.broken("table shop.b has %s, want one end with its failure", count(len(ends), "end"))
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
