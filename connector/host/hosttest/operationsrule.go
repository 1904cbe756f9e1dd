package hosttest

import (
	"context"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var operationsRule = rule{
	name:     "Operations",
	contract: "every operation arrives once and in order, rows before the state that covers them, and a sync that succeeds ends with its state",
	check: func(c *check) {
		var want []change
		var takesUpdates bool
		s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
			want = nil
			takesUpdates = out.TakesUpdates()
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			if c.adapter.Truncates {
				if err := out.Truncate("carts"); err != nil {
					return err
				}
				want = append(want, change{host.OpTruncate, "shop.carts", "{}"})
			}
			for id := int64(1); id <= 3; id++ {
				if err := out.Upsert("orders", note{id, "first"}); err != nil {
					return err
				}
				want = append(want, change{host.OpUpsert, "shop.orders", fmt.Sprintf(`{"id":%d,"note":"first"}`, id)})
				cursor.Advance(id)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			if c.adapter.Updates {
				if err := out.Update("orders", map[string]any{"id": 2, "note": "second"}); err != nil {
					return err
				}
				want = append(want, change{host.OpUpdate, "shop.orders", `{"id":2,"note":"second"}`})
			} else if err := out.Update("orders", map[string]any{"id": 2, "note": "second"}); err == nil || !strings.Contains(err.Error(), "orders") {
				return fmt.Errorf("an update that the platform cannot take is answered with %s, want an error that names the table", fmt.Sprint(err))
			}
			if err := out.Warn("the tag of order 2 is too long"); err != nil {
				return err
			}
			if err := out.Delete("orders", note{ID: 3}); err != nil {
				return err
			}
			want = append(want, change{host.OpDelete, "shop.orders", `{"id":3}`})
			last := `{"id":4,"note":null}`
			if c.adapter.NewColumns {
				last = `{"id":4,"note":null,"extra":{"a":[1.50,2]}}`
			}
			if err := out.Upsert("carts", []byte(last)); err != nil {
				return err
			}
			want = append(want, change{host.OpUpsert, "shop.carts", last})
			return nil
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
		tables, err := shop()
		if err != nil {
			c.fatal("%v", err)
		}
		c.want(a, tables, want...)
		if takesUpdates != c.adapter.Updates {
			c.broken("the connector is told that the platform takes updates: %v; the adapter says %v", takesUpdates, c.adapter.Updates)
		}
		if e := a.last(); e == nil || e.Kind != State {
			c.broken("the last event is %v, want the state", e)
		}
		if at := c.positions(s, a.state())["orders"]; at != 3 {
			c.broken("a sync that begins with the last state begins at order %d, want 3", at)
		}
		c.covered(s, a)
		if c.adapter.Warnings {
			c.wantWarning(a)
		}
		if c.adapter.TableEnds {
			c.wantEnds(a, "shop.orders", "shop.carts")
		}
		if n := s.script.closed.Load(); n != 1 {
			c.broken("the connector was closed %d times", n)
		}

		c.in("a sync of nothing")
		s = syncing(shop, func(context.Context, state.State, connector.Emitter) error { return nil })
		a = c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
		c.want(a, tables)
		if e := a.last(); e == nil || e.Kind != State {
			c.broken("the last event is %v, want the state", e)
		}

		c.in("several schemas")
		s = syncing(offices, func(_ context.Context, _ state.State, out connector.Emitter) error {
			for i, table := range []string{"staff.people", "sales.people", "orders"} {
				if err := out.Upsert(table, map[string]any{"id": i}); err != nil {
					return err
				}
			}
			return nil
		})
		a = c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
		if tables, err = offices(); err != nil {
			c.fatal("%v", err)
		}
		c.want(a, tables, change{host.OpUpsert, "staff.people", `{"id":0}`},
			change{host.OpUpsert, "sales.people", `{"id":1}`}, change{host.OpUpsert, "sales.orders", `{"id":2}`})
	},
}

// wantWarning reports a warning of the rule Operations that is missing or in the
// wrong place.
func (c *check) wantWarning(a *answer) {
	warnings := a.of(Warning)
	if len(warnings) != 1 || !strings.Contains(warnings[0].Message, "the tag of order 2 is too long") {
		c.broken("%d warnings arrived, want the one of the connector", len(warnings))
		return
	}
	rows := 0
	for _, e := range a.of(Row, Warning) {
		switch {
		case e.Kind == Warning && rows < 3:
			c.broken("the warning arrived before %d rows that were delivered before it", 3-rows)
		case e.Op == host.OpDelete:
			return
		}
		rows++
	}
}
