package hosttest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var failedTableRule = rule{
	name:     "FailedTable",
	contract: "if a table fails, the other tables complete with their states, and the failure names the table",
	fix:      "pass on every operation even if Run.Sync fails, and report its error with the text of Run.Explain; report the end of a table from its OpTableEnd",
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

// failedTables are the tables of the rule FailedTable. Table b fails.
var failedTables = []string{"a", "b", "c"}

// failOne makes one of three tables fail.
func (c *check) failOne(parallel int, fail func() error) {
	s := syncing(tablesOf(failedTables...), func(ctx context.Context, st state.State, out connector.Emitter) error {
		group := connector.Tables{Parallel: parallel}
		for _, name := range failedTables {
			group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				if name == "b" {
					return deliverThree(name, st, out, fail)
				}
				return deliverThree(name, st, out, nil)
			})
		}
		// A later checkpoint must not save the position that the failed table reached.
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
			c.broken("table %s: a sync from the last state starts at row %d, want %d", want.table, at[want.table], want.saved)
		}
	}
	c.wantFailureOfB(a)
}

// deliverThree delivers three rows, with a checkpoint after the first. If fail
// is not nil, deliverThree calls it instead of delivering the third row.
func deliverThree(table string, st state.State, out connector.Emitter, fail func() error) error {
	cursor := state.NewCursor[int64](st, table, state.Sorted())
	for id := int64(1); id <= 3; id++ {
		if id == 3 && fail != nil {
			return fail()
		}
		if err := out.Upsert(table, note{id, "n"}); err != nil {
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
}

// wantFailureOfB checks that the failure names table b alone.
func (c *check) wantFailureOfB(a *answer) {
	failures := a.of(Failure)
	switch {
	case a.err == nil:
		c.broken("the host returned no error")
	case len(failures) != 1:
		c.broken("the host reported %d failures, want 1", len(failures))
	case failures[0].Table != "shop.b" && !strings.Contains(failures[0].Message, "1 of 3 tables failed: b: "):
		c.broken("the reported failure does not name the table: %q", failures[0].Message)
	}
	if failed, ok := errors.AsType[*connector.TablesError](a.err); !ok || len(failed.Failures) != 1 || failed.Failures[0].Table != "b" {
		c.broken("the host returned an error that is not a TablesError of table b alone: %v", a.err)
	}
	if c.adapter.TableEnds {
		c.wantEnds(a, "shop.a", "shop.c")
		ends := slices.DeleteFunc(a.of(TableEnd), func(e *Event) bool { return e.Table != "shop.b" })
		if len(ends) != 1 || ends[0].Message == "" {
			c.broken("table shop.b has %s, want one with its failure", count(len(ends), "end"))
		}
	}
}
