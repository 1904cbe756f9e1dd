package airbyte_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// failOne syncs the table a, and then b, whose function fails.
func failOne(failure error) fixture.SyncFunc {
	return func(ctx context.Context, st state.State, out connector.Emitter) error {
		err := next(2, "a")(ctx, st, out)
		return errors.Join(err, out.SyncTables(func(out connector.Emitter) error {
			return errors.Join(out.Upsert("b", id(1)), failure)
		}, "b"))
	}
}

func TestEachFailureIsReportedOnceInTheTermsOfAirbyte(t *testing.T) {
	t.Parallel()
	forbidden := connector.Errorf(connector.Configuration, "403 Forbidden")
	const complete, incomplete, unread = "STARTED RUNNING COMPLETE", "STARTED RUNNING INCOMPLETE", "STARTED INCOMPLETE"
	for what, c := range map[string]struct {
		sync   fixture.SyncFunc
		a, b   string // statuses
		errors []string
	}{
		"configuration": {failOne(forbidden), complete, incomplete, []string{"b config_error: 403 Forbidden; check the configuration"}},
		"transient":     {failOne(connector.Errorf(connector.Transient, "busy")), complete, incomplete, []string{"b transient_error: busy; try again later"}},
		"interrupted":   {failOne(connector.Errorf(connector.Interrupted, "hung up")), complete, incomplete, []string{"b transient_error: hung up"}},
		"defect":        {failOne(errors.New("no total")), complete, incomplete, []string{"b system_error: no total; this is a defect of the connector"}},
		"an error that the connector hides": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			_ = failOne(forbidden)(ctx, st, out)
			return nil
		}, complete, incomplete, []string{"b config_error: 403 Forbidden; check the configuration"}},
		"an error of the sync that names a table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("b", id(1)), &connector.Error{Kind: connector.Transient, Table: "b", Err: errors.New("busy")})
		}, unread, incomplete, []string{"b transient_error: table b: busy; try again later"}},
		"an error of the sync": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("a", id(1)), errors.New("no total"))
		}, incomplete, unread, []string{"- system_error: no total; this is a defect of the connector"}},
		"an error of a table and one of the sync": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(failOne(forbidden)(ctx, st, out), errors.New("no total"))
		}, complete, incomplete, []string{"b config_error: 403 Forbidden; check the configuration", "- system_error: no total; this is a defect of the connector"}},
		"a panic": {func(context.Context, state.State, connector.Emitter) error { panic("index out of range") },
			unread, unread, []string{"- system_error: panic in Sync: index out of range; this is a defect of the connector"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := read(t, wide(c.sync, "a", "b"), catalogOf("a", "b"), "")
			require.Error(t, got.err)
			assert.Equal(t, c.errors, got.errors())
			assert.Equal(t, map[string]string{"a": c.a, "b": c.b}, got.statuses())
			if c.a == complete {
				states := got.states(t, "a")
				assert.Equal(t, `{"a":{"cursor":2}}`, states[len(states)-1])
			}
			_, ok := errors.AsType[*connector.Error](got.err)
			assert.True(t, ok, "the error of Serve is a *connector.Error")
		})
	}
}

func TestATableThatBeginsAgainAfterItsEndIsOpenUntilTheSyncEnds(t *testing.T) {
	t.Parallel()
	part := func(out connector.Emitter, n int64, failure error) error {
		return out.SyncTables(func(out connector.Emitter) error { return errors.Join(out.Upsert("a", id(n)), failure) }, "a")
	}
	got := read(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(part(out, 1, nil), out.Checkpoint(), out.Upsert("b", id(1)), part(out, 2, nil), out.Upsert("a", id(3)))
	}, "a", "b"), catalogOf("a", "b"), "", fixture.Each)
	require.NoError(t, got.err)
	assert.Equal(t, map[string]string{"a": "STARTED RUNNING COMPLETE", "b": "STARTED RUNNING COMPLETE"}, got.statuses())

	got = read(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = part(out, 1, errors.New("first"))
		return part(out, 2, nil)
	}, "a"), catalogOf("a"), "", fixture.Each)
	require.NoError(t, got.err, "the last end of a table counts")
	assert.Equal(t, map[string]string{"a": "STARTED RUNNING COMPLETE"}, got.statuses())

	got = read(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = part(out, 1, nil)
		_ = part(out, 2, errors.New("second"))
		return nil
	}, "a"), catalogOf("a"), "", fixture.Each)
	require.Error(t, got.err)
	assert.Equal(t, map[string]string{"a": "STARTED RUNNING INCOMPLETE"}, got.statuses())
}

func TestAStreamThatTheConnectorNeverBeginsIsComplete(t *testing.T) {
	t.Parallel()
	saved := `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"b"},"stream_state":{"b": {"cursor":7}}}}]`
	got := read(t, wide(func(context.Context, state.State, connector.Emitter) error { return nil }, "a", "b"), catalogOf("a", "b"), saved)
	require.NoError(t, got.err)
	assert.Equal(t, map[string]string{"a": "STARTED COMPLETE", "b": "STARTED COMPLETE"}, got.statuses())
	assert.Equal(t, []string{`{}`}, got.states(t, "a"))
	assert.Equal(t, []string{`{"b":{"cursor":7}}`}, got.states(t, "b"))
}

func TestATimeBudgetEndsAReadSuccessfully(t *testing.T) {
	t.Parallel()
	endless := func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for n := cursor.Start() + 1; ; n++ {
			if err := out.Upsert("a", id(n)); err != nil {
				return err
			}
			cursor.Advance(n)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
	}
	got := read(t, wide(endless, "a", "b"), catalogOf("a", "b"), "", host.TimeBudget(20*time.Millisecond))
	require.NoError(t, got.err)
	assert.Equal(t, map[string]string{"a": "STARTED RUNNING COMPLETE", "b": "STARTED COMPLETE"}, got.statuses())
	assert.NotEmpty(t, got.states(t, "a"))
	assert.NotEmpty(t, got.states(t, "b"))
}

func TestACanceledCheckIsAFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &fixture.Shop{OnTest: func(ctx context.Context) error {
		cancel(connector.Errorf(connector.Interrupted, "told to end"))
		<-ctx.Done()
		return ctx.Err()
	}}
	got := serveWith(ctx, t, c, []string{"check", "--config", write(t, `{"api_key":"key-0123456789"}`)})
	require.ErrorIs(t, got.err, connector.Interrupted)
	require.Len(t, got.errors(), 1)
	assert.Contains(t, got.errors()[0], "- transient_error: told to end")
	assert.Len(t, got.lines, 1)
}

func TestAllStreamsAreStartedBeforeTheSync(t *testing.T) {
	t.Parallel()
	got := read(t, wide(next(1, "b", "a"), "a", "b", "c"), catalogOf("c", "a", "b"), "")
	require.NoError(t, got.err)
	for i, stream := range []string{"c", "a", "b"} {
		assert.Equal(t, "STARTED", got.lines[i].Trace.StreamStatus.Status)
		assert.Equal(t, name{Name: stream}, got.lines[i].Trace.StreamStatus.Descriptor)
	}
}
