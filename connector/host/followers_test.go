package host_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// only selects the named tables of a fixture.Wide.
func only(names ...string) host.Selection {
	tables := map[string]host.TableSelection{}
	for _, name := range names {
		tables[name] = host.TableSelection{}
	}
	return host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: tables, OnlyNamed: true}}}
}

// A carriedSource has the tables "orders" and "items", whose rows come together. It
// uses the given names for the cursor and for the unit.
type carriedSource struct {
	fixture.Wide
	rows int64
	read []string
}

func newCarriedSource(cursorName, unitName string, rows int64) *carriedSource {
	c := &carriedSource{rows: rows}
	c.Names, c.Follows = []string{"orders", "items"}, map[string]string{"items": "orders"}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		return out.SyncTables(func(out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, cursorName, state.Sorted(), state.StartAt[int64](1))
			for n := cursor.Start(); n <= c.rows; n++ {
				c.read = append(c.read, fmt.Sprint(n))
				if err := errors.Join(out.Upsert("orders", id(n)), out.Upsert("items", id(n))); err != nil {
					return err
				}
				cursor.Advance(n)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}, unitName)
	}
	return c
}

// next runs a sync from a state and returns its last state.
func (c *carriedSource) next(t *testing.T, last string, sel host.Selection) string {
	t.Helper()
	c.read = nil
	err := fixture.Sync(t, c, host.SyncRequest{State: []byte(last), Selection: sel}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			last = string(op.State)
		}
		return nil
	})
	require.NoError(t, err)
	return last
}

func TestAReselectedFollowerIsReadAgainUnderEitherName(t *testing.T) {
	for _, cursorName := range []string{"orders", "wide.orders"} {
		for _, unitName := range []string{"orders", "wide.orders"} {
			t.Run(cursorName+" "+unitName, func(t *testing.T) {
				c := newCarriedSource(cursorName, unitName, 3)
				last := c.next(t, "", only("orders", "items"))
				c.rows = 5
				last = c.next(t, last, only("orders"))
				assert.Equal(t, []string{"3", "4", "5"}, c.read)
				c.rows = 6
				last = c.next(t, last, only("orders", "items"))
				assert.Equal(t, []string{"3", "4", "5", "6"}, c.read)
				c.next(t, last, only("items"))
				assert.Equal(t, []string{"6"}, c.read)
			})
		}
	}
}

// A connector may change the name that it uses in a new version.
func TestAStateIsFoundUnderTheOtherNameOfItsTable(t *testing.T) {
	c := newCarriedSource("wide.orders", "orders", 3)
	last := c.next(t, `{"orders":{"cursor":2}}`, only("orders"))
	assert.Equal(t, []string{"2", "3"}, c.read)
	assert.Contains(t, last, `"orders":{`)
	assert.NotContains(t, last, "wide.orders")
}

func TestATableWithASelectedFollowerIsSelected(t *testing.T) {
	c := &fixture.Wide{Names: []string{"orders", "items", "carts"}, Follows: map[string]string{"items": "orders"}}
	var selected []bool
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		selected = append(selected, out.Selected("orders"), out.Selected("items"), out.Selected("carts"))
		return nil
	}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{Selection: only("items")}, fixture.Discard))
	assert.Equal(t, []bool{true, true, false}, selected)
}

func TestAFollowerIsNotSyncedWithoutTheTableThatItFollows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"orders", "items"}, Follows: map[string]string{"items": "orders"}}
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(connector.Emitter) error { return nil }, "items")
	}
	err := fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard)
	require.ErrorContains(t, err, "table wide.items: it follows table orders; sync that table")
}

func TestANameOfNoTableIsAnError(t *testing.T) {
	use := func(err error, f func(st state.State)) func(state.State, connector.Emitter) error {
		return func(st state.State, out connector.Emitter) error {
			f(st)
			return errors.Join(err, out.Upsert("a", id(1)))
		}
	}
	for name, sync := range map[string]func(state.State, connector.Emitter) error{
		"cursor":     use(nil, func(st state.State) { state.NewCursor[int64](st, "ordres").Advance(1) }),
		"partitions": use(nil, func(st state.State) { state.NewPartitions[int64](st, "ordres", 2) }),
		"part":       use(nil, func(st state.State) { _ = st.Table("ordres").Set("n", 1) }),
		"Cover":      use(nil, func(st state.State) { st.Cover("ordres") }),
		"unit": func(_ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return nil }, "ordres")
		},
		"another table of a unit": func(_ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return nil }, "a", "ordres")
		},
		"Tables": func(st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("ordres", func(context.Context, state.State, connector.Emitter) error { return nil })
			return tables.Sync(t.Context(), st, out)
		},
		"checkpoint of a scope": func(_ state.State, out connector.Emitter) error { return out.Scope("ordres").Checkpoint() },
		"unused scope":          func(_ state.State, out connector.Emitter) error { out.Scope("ordres"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error { return sync(st, out) }}
			err := fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard)
			require.ErrorContains(t, err, `table "ordres" is not in the schema, which has a`)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
		})
	}
}

func TestATableMayBeDeclaredByItsUnit(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("late", func(_ context.Context, st state.State, out connector.Emitter) error {
			if err := out.Declare(schema.Table{Name: "late"}); err != nil {
				return err
			}
			return errors.Join(out.Upsert("late", id(1)), st.Table("late").Set("n", 1))
		})
		return tables.Sync(ctx, st, out)
	}}
	last, err := lastStateOf(t, c)
	require.NoError(t, err)
	assert.Equal(t, `{"late":{"n":1}}`, last)
}

func TestADeclaredFollowerMustFollowADeclaredTable(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, Follows: map[string]string{"b": "a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.ErrorContains(t, out.Declare(schema.Table{Name: "c"}.Following("none")), "follows table none, which has not been declared")
		assert.ErrorContains(t, out.Declare(schema.Table{Name: "c"}.Following("b")), "let it follow a")
		assert.Error(t, out.Upsert("c", id(1)), "the table was not declared")
		return out.Declare(schema.Table{Name: "c"}.Following("a"))
	}}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard))
}

func TestTheUserIsWarnedBeforeTheStateThatCoversTheRows(t *testing.T) {
	c := newCarriedSource("orders", "orders", 3)
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("orders", id(1)), st.Table("orders").Set("n", 1))
	}
	var kinds []host.OperationKind
	err := fixture.Sync(t, c, host.SyncRequest{State: []byte(`{"orders":{"_without":["id"],"n":1}}`)}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning || op.Kind == host.OpCheckpoint {
			kinds = append(kinds, op.Kind)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []host.OperationKind{host.OpWarning, host.OpCheckpoint}, kinds)
}
