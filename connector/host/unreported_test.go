package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

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
		"a table whose function calls runtime.Goexit": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("a", func(context.Context, state.State, connector.Emitter) error { runtime.Goexit(); return nil })
			return tables.Sync(ctx, st, out)
		}, "[a: the sync function called runtime.Goexit]", ""},
		"a failed table, wrapped": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			return fmt.Errorf("sync: %w", tables(ctx, st, out))
		}, "[a: 403 Forbidden]", ""},
		"a failed table and another error": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(tables(ctx, st, out), closed)
		}, "[a: 403 Forbidden]", "the account is closed"},
		"a failed sync": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("b", id(1)), closed)
		}, "[b: the sync ended before the table was read to the end]", "the account is closed"},
		"a failed sync, because of a table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			if err := errors.Join(out.Upsert("a", id(1)), out.Upsert("b", id(1))); err != nil {
				return err
			}
			return &connector.Error{Table: "b", Err: closed}
		}, "[a: the sync ended before the table was read to the end b: table b: the account is closed]", ""},
		"a table that was read again": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			_ = tables(ctx, st, out)
			return out.SyncTables(func(connector.Emitter) error { return nil }, "a", "b")
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

// A several error has the method Unwrap for several errors but wraps none.
type several struct{ text string }

func (e several) Error() string { return e.text }

func (several) Unwrap() []error { return nil }

func TestUnreportedReturnsErrorsThatNoTableEndReported(t *testing.T) {
	gone := errors.New("403")
	for name, test := range map[string]struct {
		sync       fixture.SyncFunc
		unreported string // "" if every failure was reported
	}{
		"a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return gone }, "a")
		}, ""},
		"two failed tables": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{}
			for _, name := range []string{"a", "b"} {
				tables.Add(name, func(context.Context, state.State, connector.Emitter) error { return gone })
			}
			return fmt.Errorf("read the source: %w", tables.Sync(ctx, st, out))
		}, ""},
		"an unknown table": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{}
			tables.Add("aa", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("aa", id(1)) })
			return tables.Sync(ctx, st, out)
		}, `table "aa" is not in the schema`},
		"a table that is read twice": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error {
				return errors.Join(out.SyncTables(func(connector.Emitter) error { return nil }, "a"), gone)
			}, "a")
		}, ""}, // the end of the table reports both
		"an error joined with a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			failed := out.SyncTables(func(connector.Emitter) error { return gone }, "a")
			return errors.Join(failed, errors.New("log out: 500"))
		}, "log out: 500"},
		"an error that wraps an empty list": {func(context.Context, state.State, connector.Emitter) error {
			return several{"log out: 500"}
		}, "log out: 500"},
		"an error that wraps an empty list, joined with a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			failed := out.SyncTables(func(connector.Emitter) error { return gone }, "a")
			return errors.Join(failed, several{"log out: 500"})
		}, "log out: 500"},
		"an error that names a table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			_ = out.Upsert("a", id(1))
			return &connector.Error{Table: "a", Err: gone}
		}, ""},
		"an error that names a table, and a refused state": {func(_ context.Context, st state.State, out connector.Emitter) error {
			_ = out.Upsert("a", id(1))
			_ = st.Table("b").Set("next", "key-0123456789")
			_ = out.Checkpoint()
			return &connector.Error{Table: "a", Err: gone}
		}, "it would contain a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				connector.Hide(ctx, "key-0123456789")
				return test.sync(ctx, st, out)
			}}
			got := recordSync(t, c, accept)
			require.Error(t, got.err)
			if test.unreported == "" {
				require.NoError(t, got.unreported)
				return
			}
			require.ErrorContains(t, got.unreported, test.unreported)
			assert.NotContains(t, got.unreported.Error(), "403", "the end of the table reported it")
		})
	}
}

func TestAnErrorIsUnreportedEvenIfATableFailedWithTheSameError(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.SyncTables(func(connector.Emitter) error { return io.ErrUnexpectedEOF }, "a")
		return fmt.Errorf("log out: %w", io.ErrUnexpectedEOF)
	}}
	require.EqualError(t, recordSync(t, c, accept).unreported, "log out: unexpected EOF")
}
