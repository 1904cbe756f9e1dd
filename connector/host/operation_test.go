package host_test

import (
	"context"
	"encoding/json"
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

// steps are the operations of a sync, a text for each, with the state's parts.
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
			for _, p := range op.Parts {
				if p.Changed {
					text += fmt.Sprintf(" %s=%s", p.Table, p.JSON)
				} else {
					text += " (" + p.Table + ")"
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
		`checkpoint a={"n":1}`,
		"table end a", "table end b",
		"table begin c", "table end c 403 Forbidden",
		"table begin d", `upsert d {"id":1}`, "table end d 1 of 2 tables failed: c: 403 Forbidden",
		"checkpoint (a)",
	}, got)
}

func TestATableWithoutRowsBeginsAndEndsWhenTheSyncSucceeds(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(context.Context, state.State, connector.Emitter) error { return nil }}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {Tables: map[string]host.TableSelection{"b": {Excluded: true}}},
	}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "table end a", "checkpoint"}, got)
	c.OnSync = func(context.Context, state.State, connector.Emitter) error { return errors.New("the source is gone") }
	got, err = steps(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, []string{"checkpoint"}, got, "a table that was not read has not failed")
}

func TestATableThatIsReadAgainBeginsAnew(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { return nil })
		return errors.Join(tables.Sync(ctx, st, out), out.Upsert("a", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "checkpoint", "table end a", "table begin a", `upsert a {"id":1}`, "table end a", "checkpoint"}, got)
}

func TestACheckpointTellsWhichPartsOfTheStateChanged(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		st.Table("b").Delete("n")
		return errors.Join(
			st.Table("a").Set("n", 2), out.Checkpoint(),
			st.Shared().Set("at", 1), out.Checkpoint(),
			out.Checkpoint(),
		)
	}}
	got, err := steps(t, c, host.SyncRequest{State: []byte(`{"a":{"n":1},"b":{"n":1},"c":{"n":1}}`)})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`checkpoint a={"n":2} c={"n":1}`,
		`checkpoint _shared={"at":1} (a) (c)`,
		"checkpoint _shared=" + `{"at":1}`,
	}, []string{got[0], got[1], "checkpoint _shared=" + `{"at":1}`})
	assert.Equal(t, "checkpoint (_shared) (a) (c)", got[2])
}

func TestAPartThatWasEmptiedIsGivenOnceMore(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		err := out.Checkpoint()
		st.Table("a").Delete("n")
		return errors.Join(err, out.Checkpoint())
	}}
	got, err := steps(t, c, host.SyncRequest{State: []byte(`{"a":{"n":1}}`)})
	require.NoError(t, err)
	assert.Equal(t, []string{`checkpoint a={"n":1}`, `checkpoint a={}`, "table begin a", "table end a", "checkpoint"}, got)
}

func TestPartsOfAStateAreJoinedAcrossVersions(t *testing.T) {
	run := host.New(t.Context(), &migrating{}, fixture.Quiet)
	defer run.Close()
	joined, err := run.JoinState(
		state.SavedPart{Name: "last_id", JSON: []byte(`{"n":7}`)},
		state.SavedPart{Name: "carts", JSON: []byte(`{"n":1}`), Version: 1},
	)
	require.NoError(t, err)
	assert.Equal(t, `{"carts":{"n":1},"orders":{"cursor":{"n":7}},"_version":1}`, string(joined))
	_, err = run.JoinState(state.SavedPart{Name: "a", JSON: []byte(`{"n":1}`), Version: 2})
	require.ErrorIs(t, err, connector.Configuration)
	assert.Contains(t, run.Explain(err), "run the newer connector")
}

func TestAnOperationCanBeKept(t *testing.T) {
	var kept []*host.Operation
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		for n := range int64(3) {
			if err := errors.Join(out.Upsert("a", id(n)), st.Table("a").Set("n", n), out.Checkpoint()); err != nil {
				return err
			}
		}
		return nil
	}}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		kept = append(kept, op.Clone())
		for _, b := range [][]byte{op.Row, op.State} { // which are the caller's again
			for i := range b {
				b[i] = 'x'
			}
		}
		return nil
	}, fixture.Each))
	var rows, parts []string
	for _, op := range kept {
		switch op.Kind {
		case host.OpUpsert:
			rows = append(rows, string(op.Row))
		case host.OpCheckpoint:
			parts = append(parts, string(op.Parts[0].JSON))
			assert.True(t, json.Valid(op.State))
		}
	}
	assert.Equal(t, []string{`{"id":0}`, `{"id":1}`, `{"id":2}`}, rows)
	assert.Equal(t, []string{`{"n":0}`, `{"n":1}`, `{"n":2}`, `{"n":2}`}, parts)
}

func TestAnUpdateIsAnErrorWhereThePlatformTakesWholeRowsOnly(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.False(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}}
	got, err := steps(t, c, host.SyncRequest{WholeRows: true})
	require.ErrorContains(t, err, "table wide.a: the platform cannot take a part of a row")
	assert.NotContains(t, fmt.Sprint(got), "up")
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.True(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}
	got, err = steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Contains(t, got, `update a {"id":1}`)
}

func TestADeclarationThatIsReplacedKeepsWhatItsTableHasDone(t *testing.T) {
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
