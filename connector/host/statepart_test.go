package host_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestACheckpointReportsWhichPartsOfTheStateChanged(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(
			st.Table("a").Set("n", 2), out.Checkpoint(),
			st.Shared().Set("at", 1), out.Checkpoint(),
			out.Upsert("a", id(1)), out.Checkpoint(),
		)
	}}
	got, err := steps(t, c, host.SyncRequest{State: []byte(`{"a":{"n":1},"wide.b":{"n":1},"c":{"n":1}}`)})
	require.NoError(t, err)
	got = slices.DeleteFunc(got, func(step string) bool { return !strings.HasPrefix(step, "checkpoint") })
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

// A kept state holds the part of each table, as a platform stores it.
type kept map[string][]byte

// next runs a sync from the kept parts and stores the new ones.
func (k kept) next(t *testing.T, c connector.Connector) error {
	t.Helper()
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	defer run.Close()
	joined, err := run.JoinState(slices.Collect(maps.Values(k))...)
	if err != nil {
		return err
	}
	return run.Sync(host.SyncRequest{State: joined}, host.DestinationFunc(func(op *host.Operation) error {
		for _, p := range op.Parts() {
			if name := fmt.Sprint(p.Table); p.Changed {
				k[name] = slices.Clone(p.State)
			}
		}
		return nil
	}))
}

func TestTheStateOfATableDeclaredLateIsStoredOnce(t *testing.T) {
	n := 0
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		n++
		return errors.Join(st.Table("a").Set("n", n), out.Checkpoint(),
			out.Declare(schema.Table{Name: "late"}), st.Table("late").Set("n", n), out.Checkpoint())
	}}
	k := kept{}
	for range 4 {
		require.NoError(t, k.next(t, c))
	}
	assert.Equal(t, `{"late":{"n":4}}`, string(k["wide.late"]))
	assert.Equal(t, `{}`, string(k["<nil>"]), "the shared part does not contain it, too")
}

func TestTheStateOfATableThatLeavesTheSchemaAndReturnsIsKept(t *testing.T) {
	c := &fixture.Wide{OnSync: func(_ context.Context, st state.State, _ connector.Emitter) error {
		return st.Table("a").Set("n", 1)
	}}
	k := kept{}
	for _, names := range [][]string{{"a", "b"}, {"a"}, {"a"}, {"a", "b"}} {
		c.Names = names
		if len(k) == 0 {
			c.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error { return st.Table("b").Set("n", 7) }
		} else {
			c.OnSync = func(context.Context, state.State, connector.Emitter) error { return nil }
		}
		require.NoError(t, k.next(t, c))
	}
	assert.Equal(t, `{"b":{"n":7}}`, string(k["wide.b"]))
}

func TestTheResetStateOfATableDeclaredLateIsDelivered(t *testing.T) {
	syncs := 0
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		syncs++
		if syncs == 1 {
			return errors.Join(out.Declare(schema.Table{Name: "late"}), out.Upsert("late", id(10)), st.Table("late").Set("cursor", 10))
		}
		err := errors.Join(out.Checkpoint(), out.Declare(schema.Table{Name: "late"}))
		st.Table("late").Delete("cursor") // the table must be read from the start
		return errors.Join(err, out.Truncate("late"), out.Checkpoint())
	}}
	k := kept{}
	require.NoError(t, k.next(t, c))
	assert.Equal(t, `{"late":{"cursor":10}}`, string(k["wide.late"]))
	require.NoError(t, k.next(t, c))
	assert.Equal(t, `{}`, string(k["wide.late"]))
}

func TestThePartOfAFollowerChangesWithThePositionThatItFollows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"orders", "items", "carts"}, Follows: map[string]string{"items": "orders"}}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		cursor.Advance(1)
		err := out.Checkpoint()
		cursor.Advance(2)
		return errors.Join(err, out.Checkpoint(), out.Upsert("carts", id(1)), out.Checkpoint())
	}
	var changed []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		names := ""
		for _, p := range op.Parts() {
			if p.Changed && p.Table != nil {
				names += " " + p.Table.Name
			}
		}
		if op.Kind == host.OpCheckpoint {
			changed = append(changed, names)
		}
		return nil
	}, fixture.Each))
	assert.Equal(t, []string{" orders items carts", " orders items", "", ""}, changed)
}
