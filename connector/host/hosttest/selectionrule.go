package hosttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var selectionRule = rule{
	name:     "Selection",
	contract: "tables and columns that the user deselects never arrive, except that primary keys arrive with a warning, and the state of a deselected table is kept; the rows that a follower missed arrive once it is selected again",
	fix:      "translate the platform's selection into SyncRequest.Selection, including what it says about tables and columns that it does not name, and pass warnings on",
	check: func(c *check) {
		c.deselect()
		c.deselectAndReturn()
		c.deselectFollower()
		c.selectLater()
	},
}

// deselect deselects a table, a column and a key.
func (c *check) deselect() {
	c.in("a table, a column and a key")
	var asked atomic.Value
	s := syncing(tablesOf("orders", "carts", "tags"), func(_ context.Context, st state.State, out connector.Emitter) error {
		asked.Store(fmt.Sprint(out.Selected("orders"), out.Selected("carts"), out.Selected("shop.tags")))
		var all error
		for _, table := range []string{"orders", "carts", "tags"} {
			all = errors.Join(all, out.Upsert(table, note{1, "n"}))
		}
		all = errors.Join(all, out.Delete("carts", note{ID: 1}))
		if c.adapter.Truncates {
			all = errors.Join(all, out.Truncate("carts"))
		}
		return all
	})
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: map[string]host.TableSelection{
		"orders": {Columns: map[string]bool{"id": false, "note": false}},
		"carts":  {Excluded: true},
		"tags":   {Columns: map[string]bool{"id": true, "note": true}},
	}}}}
	a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured), Selection: selection}, opts: []host.Option{each}})
	tables, err := keyed("orders", "carts", "tags")
	if err != nil {
		c.fatal("%v", err)
	}
	c.want(a, tables, change{host.OpUpsert, "shop.orders", `{"id":1}`}, change{host.OpUpsert, "shop.tags", `{"id":1,"note":"n"}`})
	for _, e := range a.of(Row) {
		if strings.Contains(string(e.Row), `"note"`) && e.Table == "shop.orders" {
			c.broken("a deselected column arrived: %v", e)
		}
	}
	if got := asked.Load(); got != "true false true" {
		c.broken("Selected returned %v for orders, carts and tags, want true false true", got)
	}
	if c.adapter.Warnings {
		warned := false
		for _, e := range a.of(Warning) {
			warned = warned || strings.Contains(e.Message, "column id of table shop.orders is part of the primary key")
		}
		if !warned {
			c.broken("no warning says that the key of orders arrives although it is deselected")
		}
	}
	if c.adapter.TableEnds {
		for _, e := range a.of(TableEnd) {
			if e.Table == "shop.carts" {
				c.broken("the end of a deselected table arrived: %v", e)
			}
		}
	}
}

// deselectAndReturn deselects a table for two syncs and selects it again. One
// connector skips deselected tables. The other delivers all rows and relies on the
// runtime to drop them.
func (c *check) deselectAndReturn() {
	var from atomic.Int64
	next := func(table string, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, table, state.Sorted())
		id := cursor.Start() + 1
		if table == "carts" {
			from.Store(id)
		}
		if err := out.Upsert(table, note{id, "n"}); err != nil {
			return err
		}
		cursor.Advance(id)
		return out.Checkpoint()
	}
	asking := syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
		var group connector.Tables
		for _, table := range []string{"orders", "carts"} {
			group.Add(table, func(_ context.Context, st state.State, out connector.Emitter) error { return next(table, st, out) })
		}
		return group.Sync(ctx, st, out)
	})
	careless := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(next("orders", st, out), next("carts", st, out))
	})
	without := host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: map[string]host.TableSelection{"carts": {Excluded: true}}}}}
	for i, s := range []*source{asking, careless} {
		how := [...]string{"skips it", "delivers it"}[i]
		var saved []byte
		for i, selection := range []host.Selection{{}, without, without, {}} {
			c.in("a table that is deselected for two syncs, with a connector that %s, sync %d", how, i+1)
			a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured), State: saved, Selection: selection}})
			saved = a.state()
			if at := c.positions(s, saved)["orders"]; at != int64(i+1) {
				c.broken("a sync from the state starts at order %d, want %d", at, i+1)
			}
		}
		if from.Load() != 2 {
			c.broken("the table starts at row %d after it was selected again, want 2", from.Load())
		}
	}
}

// deselectFollower deselects a table whose rows come with those of another one, and
// selects it again.
func (c *check) deselectFollower() {
	family := func() (schema.Schema, error) {
		tables, err := keyed("orders", "items")
		if err != nil {
			return nil, err
		}
		orders, items := tables.Tables()[0], tables.Tables()[1]
		return schema.New("shop", *orders, items.Following("orders"))
	}
	var size int64
	s := syncing(family, func(ctx context.Context, st state.State, out connector.Emitter) error {
		var group connector.Tables
		group.Add("orders", func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			for id := cursor.Start() + 1; id <= size; id++ {
				if err := errors.Join(out.Upsert("orders", note{id, "n"}), out.Upsert("items", note{id, "n"})); err != nil {
					return err
				}
				cursor.Advance(id)
			}
			return nil
		})
		return group.Sync(ctx, st, out)
	})
	without := host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: map[string]host.TableSelection{"items": {Excluded: true}}}}}
	var saved []byte
	arrived := map[string]bool{}
	for i, selection := range []host.Selection{{}, without, without, {}} {
		c.in("a follower that is deselected for two syncs, sync %d", i+1)
		size++
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured), State: saved, Selection: selection}})
		saved = a.state()
		for _, e := range a.of(Row) {
			if e.Table == "shop.items" {
				arrived[string(e.Row)] = true
			}
		}
	}
	if int64(len(arrived)) != size {
		c.broken("%d of %d rows of the follower arrived after it was selected again; the state is %s", len(arrived), size, saved)
	}
}

// selectLater declares a table during a sync.
func (c *check) selectLater() {
	s := syncing(shop, func(_ context.Context, _ state.State, out connector.Emitter) error {
		declared := schema.Table{Name: "later", Columns: []schema.Column{
			{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString},
		}}
		return errors.Join(out.Upsert("orders", []byte(`{"id":1,"note":"n","extra":"e"}`)), out.Declare(declared),
			out.Upsert("later", note{1, "n"}), out.Upsert("carts", note{2, "n"}))
	})
	serve := func(selection host.Selection) *answer {
		return c.succeed(call{source: s, request: Request{Configuration: []byte(configured), Selection: selection}})
	}
	tables, err := keyed("orders", "carts", "later")
	if err != nil {
		c.fatal("%v", err)
	}
	if c.adapter.NewTables {
		c.in("a table that is declared later, with everything selected")
		first := `{"id":1,"note":"n"}`
		if c.adapter.NewColumns {
			first = `{"id":1,"note":"n","extra":"e"}`
		}
		c.want(serve(host.Selection{}), tables, change{host.OpUpsert, "shop.orders", first},
			change{host.OpUpsert, "shop.later", `{"id":1,"note":"n"}`}, change{host.OpUpsert, "shop.carts", `{"id":2,"note":"n"}`})
	}
	if !c.adapter.OnlyNamed {
		return
	}
	c.in("a table that is declared later, with only named tables selected")
	a := serve(host.Selection{OnlyNamed: true, Schemas: map[string]host.SchemaSelection{"shop": {OnlyNamed: true, Tables: map[string]host.TableSelection{
		"orders": {OnlyNamed: true, Columns: map[string]bool{"id": true, "note": true}},
	}}}})
	c.want(a, tables, change{host.OpUpsert, "shop.orders", `{"id":1,"note":"n"}`})
}
