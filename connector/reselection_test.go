package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type loggedChange struct {
	table     string
	id, value int
}

// changeLog returns a connector that delivers the changes of two tables from one log.
// It keeps its position in the shared part of the state.
func changeLog(log []loggedChange) *scripted {
	value := schema.Column{Name: "v", Type: schema.TypeLong}
	return &scripted{
		tables: []schema.Table{idTable("a", value), idTable("b", value)},
		sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			position := 0
			if _, err := st.Shared().Get("position", &position); err != nil {
				return err
			}
			for _, change := range log[position:] {
				if err := out.Upsert(change.table, json.RawMessage(fmt.Sprintf(`{"id":%d,"v":%d}`, change.id, change.value))); err != nil {
					return err
				}
				position++
				if err := st.Shared().Set("position", position); err != nil {
					return err
				}
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// A user deselects a table for one sync. Document.Hold guarantees that a later sync
// can still read its changes.
func TestChangesOfAReselectedTableArriveOrAreReported(t *testing.T) {
	var platform, want connectortest.Platform
	log := []loggedChange{{"a", 1, 1}, {"b", 1, 1}, {"b", 2, 1}}
	r := connectortest.Sync(t, changeLog(log), connectortest.Into(&platform))

	log = append(log, loggedChange{"a", 2, 1}, loggedChange{"b", 1, 7}, loggedChange{"b", 3, 1})
	r, err := connectortest.TrySync(t, changeLog(log), connectortest.From(r.State),
		connectortest.Select(selectionOf(t, `{"s":{"b":false}}`)), connectortest.Into(&platform))
	said := err != nil || warned(r)

	log = append(log, loggedChange{"b", 4, 1})
	r, err = connectortest.TrySync(t, changeLog(log), connectortest.From(r.State), connectortest.Into(&platform))
	said = said || err != nil || warned(r)

	connectortest.Sync(t, changeLog(log), connectortest.Into(&want))
	if !said {
		assert.Empty(t, platform.Diff(&want), "lost without an error or a warning; the state is %s", r.State)
	}
}

// ordersWithItems returns a connector that delivers orders with their items. The
// cursor of the orders is the only state.
func ordersWithItems() *scripted {
	status := schema.Column{Name: "status", Type: schema.TypeString}
	return &scripted{
		tables: []schema.Table{idTable("orders", status), idTable("items", status).Following("orders")},
		sync: func(ctx context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("orders", func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "orders", state.Sorted())
				for id := cursor.Start(); id < 20; id++ {
					for _, table := range []string{"orders", "items"} {
						if err := out.Upsert(table, map[string]any{"id": id, "status": "new"}); err != nil {
							return err
						}
					}
					cursor.Advance(id)
				}
				return nil
			})
			return tables.Sync(ctx, st, out)
		},
	}
}

func TestRowsOfAReselectedChildOrColumnArriveOrAreReported(t *testing.T) {
	for name, without := range map[string]string{
		"child":             `{"s":{"items":false}}`,
		"parent":            `{"s":{"orders":false}}`,
		"both":              `{"s":{"orders":false,"items":false}}`,
		"column of a child": `{"s":{"items":{"columns":{"status":false}}}}`,
		"column":            `{"s":{"orders":{"columns":{"status":false}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var platform, want connectortest.Platform
			r, err := connectortest.TrySync(t, ordersWithItems(), connectortest.Select(selectionOf(t, without)), connectortest.Into(&platform))
			said := err != nil || warned(r)
			r, err = connectortest.TrySync(t, ordersWithItems(), connectortest.From(r.State), connectortest.Into(&platform))
			said = said || err != nil || warned(r)
			connectortest.Sync(t, ordersWithItems(), connectortest.Into(&want))
			if !said {
				assert.Empty(t, platform.Diff(&want), "lost without an error or a warning")
			}
		})
	}
}
