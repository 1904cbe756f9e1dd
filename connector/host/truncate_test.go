package host_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// The rows of a table and of its follower are deleted and read again. A checkpoint of
// another table comes before the first one of these tables.
func TestADeletedPositionIsNotSentAfterItsRowsWereDeleted(t *testing.T) {
	const last = `{"items":{"_follows":{"number":1,"of":"orders"}},"orders":{"_followers":{"number":1,"since":1},"cursor":7}}`
	truncate := func(_ state.State, out connector.Emitter) error {
		return errors.Join(out.Truncate("orders"), out.Truncate("items"))
	}
	remove := func(st state.State, _ connector.Emitter) error {
		st.Table("orders").Delete("cursor")
		return nil
	}
	for name, calls := range map[string][]func(state.State, connector.Emitter) error{
		"before": {remove, truncate},
		"after":  {truncate, remove},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"orders", "items", "carts"}, Follows: map[string]string{"items": "orders"}}
			c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
				for _, call := range calls {
					if err := call(st, out); err != nil {
						return err
					}
				}
				if err := errors.Join(st.Table("carts").Set("n", 1), out.Scope("carts").Checkpoint()); err != nil {
					return err
				}
				return errors.New("the sync has failed")
			}
			var sent string
			parts := map[string]string{}
			err := fixture.Sync(t, c, host.SyncRequest{State: []byte(last)}, func(op *host.Operation) error {
				if op.Kind == host.OpCheckpoint {
					sent = string(op.State)
					for _, p := range op.Parts() {
						if p.Table != nil {
							parts[p.Table.Name] = string(p.State)
						}
					}
				}
				return nil
			}, fixture.Each)
			require.Error(t, err)
			assert.Equal(t, `{"carts":{"n":1},"orders":{"_followers":{"number":2,"since":2}}}`, sent)
			assert.Equal(t, map[string]string{"carts": `{"carts":{"n":1}}`, "items": `{}`, "orders": `{"orders":{"_followers":{"passed":{"epoch":"KGTK8kc5"}}}}`}, parts)
		})
	}
}

func TestATruncatedTableKeepsAPositionThatIsNotDeleted(t *testing.T) {
	c := &fixture.Wide{Names: []string{"orders"}}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(out.Truncate("orders"), out.Checkpoint())
	}
	var sent string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: []byte(`{"orders":{"cursor":7}}`)}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			sent = string(op.State)
		}
		return nil
	}, fixture.Each))
	assert.Equal(t, `{"orders":{"cursor":7}}`, sent)
}

// A table fails, and the connector then reads it again from the beginning, as after a source
// that has lost the position. This fails, too, after the rows were deleted.
func TestADeletedPositionOfATableThatHasFailedIsNotSentAfterItsRowsWereDeleted(t *testing.T) {
	const last = `{"items":{"_follows":{"number":1,"of":"orders"}},"orders":{"_followers":{"number":1,"since":1},"cursor":7}}`
	truncate := func(_ state.State, out connector.Emitter) error {
		return errors.Join(out.Truncate("items"), out.Truncate("orders"))
	}
	remove := func(st state.State, _ connector.Emitter) error {
		st.Table("orders").Delete("cursor")
		return nil
	}
	start := func(st state.State) int64 { return state.NewCursor[int64](st, "orders").Start() }
	nothing := func(state.State, connector.Emitter) error { return nil }
	for name, calls := range map[string][]func(state.State, connector.Emitter) error{
		"before":  {nothing, remove, truncate},
		"after":   {nothing, truncate, remove},
		"between": {truncate, remove},
	} {
		for _, request := range []string{last, `{"orders":{"cursor":7}}`} {
			t.Run(name, func(t *testing.T) {
				c := &fixture.Wide{Names: []string{"orders", "items"}, Follows: map[string]string{"items": "orders"}}
				if request != last {
					c = &fixture.Wide{Names: []string{"orders", "items"}}
				}
				c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
					_ = out.SyncTables(func(own connector.Emitter) error {
						assert.Equal(t, int64(7), start(st))
						return errors.Join(calls[0](st, own), errors.New("the source has lost the position"))
					}, "orders")
					return out.SyncTables(func(own connector.Emitter) error {
						for _, call := range calls[1:] {
							if err := call(st, own); err != nil {
								return err
							}
						}
						return errors.New("the source is down")
					}, "orders")
				}
				var sent []byte
				var parts [][]byte
				err := fixture.Sync(t, c, host.SyncRequest{State: []byte(request)}, func(op *host.Operation) error {
					if op.Kind == host.OpCheckpoint {
						sent, parts = bytes.Clone(op.State), nil
						for _, p := range op.Parts() {
							parts = append(parts, bytes.Clone(p.State))
						}
					}
					return nil
				}, fixture.Each)
				require.ErrorContains(t, err, "the source is down")
				joined, err := host.New(t.Context(), c, fixture.Quiet).JoinState(parts...)
				require.NoError(t, err)
				for _, saved := range [][]byte{sent, joined} {
					for _, deselected := range []string{"carts", "items", "orders"} {
						c.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error {
							assert.Zero(t, start(st), "the state is %s, and %s is deselected", saved, deselected)
							return nil
						}
						only := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{deselected: {Excluded: true}}}}}
						if deselected == "orders" && request != last {
							continue // nothing reads it
						}
						require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: saved, Selection: only}, fixture.Discard))
					}
				}
			})
		}
	}
}

// The user has selected only a follower, whose rows are deleted before the connector has used
// the state. The position is in the part of the follower then.
func TestADeletedPositionOfAFollowerIsNotSentAfterItsRowsWereDeleted(t *testing.T) {
	const last = `{"items":{"_follows":{"number":1,"of":"orders"}},"orders":{"_followers":{"number":1,"since":1},"cursor":7}}`
	c := &fixture.Wide{Names: []string{"orders", "items"}, Follows: map[string]string{"items": "orders"}}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		err := out.Truncate("items")
		st.Table("orders").Delete("cursor")
		return errors.Join(err, errors.New("the source is down"))
	}
	only := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"orders": {Excluded: true}}}}}
	var sent []byte
	err := fixture.Sync(t, c, host.SyncRequest{State: []byte(last), Selection: only}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			sent = bytes.Clone(op.State)
		}
		return nil
	}, fixture.Each)
	require.ErrorContains(t, err, "the source is down")
	c.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error {
		assert.Zero(t, state.NewCursor[int64](st, "orders").Start(), "the state is %s", sent)
		return nil
	}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: sent, Selection: only}, fixture.Discard))
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: sent}, fixture.Discard))
}

// The sync may be interrupted before it sends another state, and the next one may read only
// what is new.
func TestAStateWithoutADeletedPositionIsSentBeforeTheRowsAreDeleted(t *testing.T) {
	c := &fixture.Wide{Names: []string{"orders", "carts"}}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		err := out.Upsert("carts", id(1))
		st.Table("orders").Delete("cursor")
		return errors.Join(err, out.Truncate("orders"), out.Upsert("orders", id(1)), out.Truncate("carts"), out.Truncate("orders"))
	}
	var w batchWriter
	require.NoError(t, w.sync(t, c, host.SyncRequest{State: []byte(`{"carts":{"cursor":1},"orders":{"cursor":7}}`)}))
	assert.Equal(t, []string{
		`upsert carts{"id":1}`,
		`checkpoint {"carts":{"cursor":1}}`, "truncate orders",
		`upsert orders{"id":1}`, "truncate carts", "truncate orders",
		`checkpoint {"carts":{"cursor":1}}`,
	}, w.texts())
}
