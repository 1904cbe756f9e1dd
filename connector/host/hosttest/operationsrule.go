package hosttest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var operationsRule = rule{
	name:     "Operations",
	contract: "every operation arrives once and in order, rows arrive before the state that covers them, and a sync that succeeds ends with its state",
	fix:      "let Destination.Write pass on each operation once and in order; to keep an operation after Write has returned, clone it",
	check: func(c *check) {
		c.everyOperation()
		c.noRows()
		c.severalSchemas()
	},
}

// everyOperation delivers every kind of operation.
func (c *check) everyOperation() {
	var want []change
	var takesUpdates bool
	s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) (err error) {
		takesUpdates = out.TakesUpdates()
		want, err = c.deliverAll(st, out)
		return err
	})
	a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
	tables, err := shop()
	if err != nil {
		c.fatal("%v", err)
	}
	c.want(a, tables, want...)
	if takesUpdates != c.adapter.Updates {
		c.broken("TakesUpdates returned %v, want %v as the adapter declares", takesUpdates, c.adapter.Updates)
	}
	c.endsWithState(a)
	if at := c.positions(s, a.state())["orders"]; at != 3 {
		c.broken("a sync from the last state starts at order %d, want 3", at)
	}
	c.covered(s, a)
	if c.adapter.Warnings {
		c.wantWarning(a)
	}
	if c.adapter.TableEnds {
		c.wantEnds(a, "shop.orders", "shop.carts")
	}
	if n := s.script.closed.Load(); n != 1 {
		c.broken("the connector was closed %d times, want once", n)
	}
}

// deliverAll delivers every kind of operation that the wire takes. It returns the
// changes that must arrive.
func (c *check) deliverAll(st state.State, out connector.Emitter) (want []change, err error) {
	if c.adapter.Truncates {
		if err := out.Truncate("carts"); err != nil {
			return nil, err
		}
		want = append(want, change{host.OpTruncate, "shop.carts", "{}"})
	}
	cursor := state.NewCursor[int64](st, "orders", state.Sorted())
	for id := int64(1); id <= 3; id++ {
		if err := out.Upsert("orders", note{id, "first"}); err != nil {
			return nil, err
		}
		want = append(want, change{host.OpUpsert, "shop.orders", fmt.Sprintf(`{"id":%d,"note":"first"}`, id)})
		cursor.Advance(id)
		if err := out.Checkpoint(); err != nil {
			return nil, err
		}
	}
	err = out.Update("orders", map[string]any{"id": 2, "note": "second"})
	switch {
	case c.adapter.Updates && err != nil:
		return nil, err
	case c.adapter.Updates:
		want = append(want, change{host.OpUpdate, "shop.orders", `{"id":2,"note":"second"}`})
	case err == nil || !strings.Contains(err.Error(), "orders"):
		return nil, fmt.Errorf("the platform takes no updates, but Update returned %s, want an error that names the table", fmt.Sprint(err))
	}
	if err := out.Warn("the tag of order 2 is too long"); err != nil {
		return nil, err
	}
	if err := out.Delete("orders", note{ID: 3}); err != nil {
		return nil, err
	}
	want = append(want, change{host.OpDelete, "shop.orders", `{"id":3}`})
	last := `{"id":4,"note":null}`
	if c.adapter.NewColumns {
		last = `{"id":4,"note":null,"extra":{"a":[1.50,2]}}`
	}
	if err := out.Upsert("carts", []byte(last)); err != nil {
		return nil, err
	}
	return append(want, change{host.OpUpsert, "shop.carts", last}), nil
}

// noRows delivers nothing. A state must arrive nevertheless.
func (c *check) noRows() {
	c.in("a sync without rows")
	s := syncing(shop, func(context.Context, state.State, connector.Emitter) error { return nil })
	a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
	c.want(a, nil)
	c.endsWithState(a)
}

// severalSchemas delivers rows of tables that have the same name in two schemas.
func (c *check) severalSchemas() {
	c.in("several schemas")
	s := syncing(offices, func(_ context.Context, _ state.State, out connector.Emitter) error {
		for i, table := range []string{"staff.people", "sales.people", "orders"} {
			if err := out.Upsert(table, map[string]any{"id": i}); err != nil {
				return err
			}
		}
		return nil
	})
	a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
	tables, err := offices()
	if err != nil {
		c.fatal("%v", err)
	}
	c.want(a, tables, change{host.OpUpsert, "staff.people", `{"id":0}`},
		change{host.OpUpsert, "sales.people", `{"id":1}`}, change{host.OpUpsert, "sales.orders", `{"id":2}`})
}

// endsWithState checks that the last event is a state.
func (c *check) endsWithState(a *answer) {
	if e := a.last(); e == nil || e.Kind != State {
		c.broken("the last event is %v, want the state", e)
	}
}

// wantWarning checks that the warning of the rule Operations arrived once and not too
// early.
func (c *check) wantWarning(a *answer) {
	want := []string{"the tag of order 2 is too long"}
	if !c.adapter.Updates {
		want = append(want, "1 row was refused") // the update, whose error the connector ignores
	}
	warnings := a.of(Warning)
	if !slices.EqualFunc(warnings, want, func(e *Event, text string) bool { return strings.Contains(e.Message, text) }) {
		c.broken("%d warnings arrived, want %q", len(warnings), want)
		return
	}
	rows := 0
	for _, e := range a.of(Row, Warning) {
		switch {
		case e.Kind == Warning && rows < 3:
			c.broken("the warning arrived before %d rows that the connector delivered before it", 3-rows)
		case e.Op == host.OpDelete:
			return
		}
		rows++
	}
}
