package host_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// steps returns the operations of a sync as text. A checkpoint shows the parts of the
// state, and parts that did not change in parentheses.
func steps(t *testing.T, c connector.Connector, req host.SyncRequest) (all []string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, req, func(op *host.Operation) error {
		text := op.Kind.String()
		if op.Table != nil {
			text += " " + op.Table.Name
		}
		switch op.Kind {
		case host.OpUpsert, host.OpUpdate, host.OpDelete:
			text += " " + string(op.Row)
		case host.OpCheckpoint:
			for _, p := range op.Parts() {
				name := "shared"
				if p.Table != nil {
					name = p.Table.Name
				}
				if p.Changed {
					text += fmt.Sprintf(" %s=%s", name, p.State)
				} else {
					text += " (" + name + ")"
				}
			}
		case host.OpTableEnd:
			if op.Err != nil {
				text += " " + op.Err.Error()
			}
		}
		all = append(all, text)
		return nil
	}, fixture.Each)
	return all, err
}

func id(n int64) map[string]any { return map[string]any{"id": n} }

func TestTablesBeginAndEndAroundTheirRows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "c", "d"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(_ context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("a", id(1)), st.Table("a").Set("n", 1), out.Upsert("b", id(1)))
		}, "b")
		tables.Add("c", func(context.Context, state.State, connector.Emitter) error { return errors.New("403 Forbidden") })
		return errors.Join(tables.Sync(ctx, st, out), out.Upsert("d", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, []string{
		"table begin a", "table begin b",
		`upsert a {"id":1}`, `upsert b {"id":1}`,
		`checkpoint a={"a":{"n":1}} b={} c={} d={} shared={}`,
		"table end a", "table end b",
		"table begin c", "table end c 403 Forbidden",
		"table begin d", `upsert d {"id":1}`, "table end d the sync ended before the table was read to its end",
		"checkpoint (a) (b) (c) (d)",
	}, got)
}

func TestATableWithoutRowsBeginsAndEndsWhenTheSyncSucceeds(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(context.Context, state.State, connector.Emitter) error { return nil }}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {Tables: map[string]host.TableSelection{"b": {Excluded: true}}},
	}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "checkpoint a={} shared={}", "table end a"}, got)
	c.OnSync = func(context.Context, state.State, connector.Emitter) error { return errors.New("the source is gone") }
	got, err = steps(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, []string{"checkpoint a={} b={} shared={}"}, got, "a table that was not read has not failed")
}

func TestATableThatIsReadAgainBeginsAgain(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { return nil })
		return errors.Join(tables.Sync(ctx, st, out), out.Upsert("a", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "checkpoint a={} shared={}", "table end a", "table begin a", `upsert a {"id":1}`, "checkpoint (a)", "table end a"}, got)
}

func TestACheckpointReportsWhichPartsOfTheStateChanged(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(
			st.Table("a").Set("n", 2), out.Checkpoint(),
			st.Shared().Set("at", 1), out.Checkpoint(),
			out.Checkpoint(),
		)
	}}
	got, err := steps(t, c, host.SyncRequest{State: []byte(`{"a":{"n":1},"wide.b":{"n":1},"c":{"n":1}}`)})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`checkpoint a={"a":{"n":2}} b={"wide.b":{"n":1}} shared={"_shared":{},"c":{"n":1}}`,
		`checkpoint (a) (b) shared={"_shared":{"at":1},"c":{"n":1}}`,
		`checkpoint (a) (b) (shared)`,
	}, got[:3], "a part that belongs to no table is kept with the shared part")
}

func TestThePartsOfAStateJoinToTheSameState(t *testing.T) {
	c := &migrating{}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Table("shop.carts").Set("n", 1), st.Shared().Set("at", 1))
	}
	var whole string
	var parts [][]byte
	err := fixture.Sync(t, c, host.SyncRequest{State: []byte(`{"last_id":7}`)}, func(op *host.Operation) error {
		if op.Kind != host.OpCheckpoint {
			return nil
		}
		whole, parts = string(op.State), nil
		for _, p := range op.Parts() {
			parts = append(parts, p.State)
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, parts, 3)
	assert.Equal(t, `{"orders":{"cursor":7},"_version":1}`, string(parts[0]))
	run := host.New(t.Context(), c, fixture.Quiet)
	defer run.Close()
	joined, err := run.JoinState(parts[2], parts[0], parts[1])
	require.NoError(t, err)
	assert.Equal(t, whole, string(joined))
}

func TestAPartThatBecameEmptyIsDeliveredOnceMore(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		err := out.Checkpoint()
		st.Table("a").Delete("n")
		return errors.Join(err, out.Checkpoint())
	}}
	got, err := steps(t, c, host.SyncRequest{State: []byte(`{"a":{"n":1}}`)})
	require.NoError(t, err)
	assert.Equal(t, []string{`checkpoint a={"a":{"n":1}} shared={}`, `checkpoint a={}`, "table begin a", "checkpoint (a)", "table end a"}, got)
}

func TestPartsOfAStateAreJoinedAcrossVersions(t *testing.T) {
	run := host.New(t.Context(), &migrating{}, fixture.Quiet)
	defer run.Close()
	joined, err := run.JoinState([]byte(`{"last_id":{"n":7}}`), []byte(`{"carts":{"n":1},"_version":1}`))
	require.NoError(t, err)
	assert.Equal(t, `{"carts":{"n":1},"orders":{"cursor":{"n":7}},"_version":1}`, string(joined))
	_, err = run.JoinState([]byte(`{"a":{"n":1},"_version":2}`))
	require.ErrorIs(t, err, connector.Configuration)
	assert.Contains(t, run.Explain(err), "run the newer connector")
}

func TestAnUpdateIsAnErrorIfThePlatformAcceptsOnlyWholeRows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.False(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}}
	got, err := steps(t, c, host.SyncRequest{WholeRows: true})
	require.ErrorContains(t, err, "table wide.a: the platform does not accept partial rows")
	assert.NotContains(t, fmt.Sprint(got), "up")
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.True(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}
	got, err = steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Contains(t, got, `update a {"id":1}`)
}

func TestATableThatIsDeclaredAgainKeepsItsCounts(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.Upsert("a", map[string]any{"id": 1, "note": "\xff"}),
			out.Declare(schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString}}}),
			out.Upsert("a", map[string]any{"id": 2, "note": "\xff"}),
		)
	}}
	var warnings []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	}))
	assert.Equal(t, []string{"table wide.a, column note: bytes that are not UTF-8 were replaced by U+FFFD in 2 rows"}, warnings)
}

func TestTheEndOfATableFollowsTheCheckpointThatCoversIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		for _, name := range []string{"a", "b"} {
			tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				return errors.Join(out.Upsert(name, id(1)), st.Table(name).Set("n", 1))
			})
		}
		return tables.Sync(ctx, st, out)
	}}
	var got []string
	write := func(op *host.Operation) error {
		got = append(got, fmt.Sprint(op.Kind, " ", string(op.State)))
		return nil
	}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, write, host.CheckpointEvery(time.Hour, 1000)))
	assert.Equal(t, []string{
		"table begin ", "upsert ", "table begin ", "upsert ",
		`checkpoint {"a":{"n":1},"b":{"n":1}}`, "table end ", "table end ",
	}, got)
}

func TestATableWhoseStateIsRefusedEndsWithAnError(t *testing.T) {
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("orders", fixture.NewOrder(1)), st.Table("orders").Set("next", "?key=key-0123456789"))
	}}
	var ends []string
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		assert.NotEqual(t, host.OpCheckpoint, op.Kind)
		if op.Kind == host.OpTableEnd {
			ends = append(ends, fmt.Sprint(op.Table, ": ", op.Err))
		}
		return nil
	})
	require.ErrorContains(t, err, "it would contain a secret")
	require.Len(t, ends, 2)
	assert.Contains(t, ends[0], "shop.orders: state: it would contain a secret")
}

func TestUnreportedOmitsTheFailuresThatTableEndsReported(t *testing.T) {
	forbidden := connector.Errorf(connector.Configuration, "403 Forbidden")
	closed := errors.New("the account is closed")
	tables := func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { return forbidden })
		return tables.Sync(ctx, st, out)
	}
	for name, c := range map[string]struct {
		sync fixture.SyncFunc
		ends string
		rest string
	}{
		"success":        {func(context.Context, state.State, connector.Emitter) error { return nil }, "[a b]", ""},
		"a failed table": {tables, "[a: 403 Forbidden]", ""},
		"a failed table, wrapped": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			return fmt.Errorf("sync: %w", tables(ctx, st, out))
		}, "[a: 403 Forbidden]", ""},
		"a failed table and another error": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(tables(ctx, st, out), closed)
		}, "[a: 403 Forbidden]", "the account is closed"},
		"a failed sync": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("b", id(1)), closed)
		}, "[b: the sync ended before the table was read to its end]", "the account is closed"},
		"a failed sync, because of a table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			if err := errors.Join(out.Upsert("a", id(1)), out.Upsert("b", id(1))); err != nil {
				return err
			}
			return &connector.Error{Table: "b", Err: closed}
		}, "[a: the sync ended before the table was read to its end b: table b: the account is closed]", ""},
		"a table that was read again": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			_ = tables(ctx, st, out)
			return out.SyncTables(func(connector.Emitter) error { return nil }, "a")
		}, "[a: 403 Forbidden a b]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run := host.New(t.Context(), &fixture.Wide{Names: []string{"a", "b"}, OnSync: c.sync}, fixture.Quiet, fixture.Each)
			defer run.Close()
			ends, warnings := []string{}, 0
			_ = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
				switch {
				case op.Kind == host.OpWarning:
					warnings++
				case op.Kind == host.OpTableEnd && op.Err != nil:
					ends = append(ends, op.Table.Name+": "+op.Err.Error())
				case op.Kind == host.OpTableEnd:
					ends = append(ends, op.Table.Name)
				}
				return nil
			}))
			assert.Equal(t, c.ends, fmt.Sprint(ends))
			assert.Zero(t, warnings)
			if c.rest == "" {
				assert.NoError(t, run.Unreported())
			} else {
				assert.EqualError(t, run.Unreported(), c.rest)
			}
		})
	}
}
