package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// lastStateOf runs a sync and returns its last state and its error.
func lastStateOf(t *testing.T, c connector.Connector, opts ...host.Option) (last string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			last = string(op.State)
		}
		return nil
	}, opts...)
	return last, err
}

func TestAnOverdueStateThatIsRefusedFailsTheSync(t *testing.T) {
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		if err := errors.Join(out.Upsert("orders", fixture.NewOrder(1)), st.Table("orders").Set("next", "key-0123456789"), out.Checkpoint()); err != nil {
			return err
		}
		<-ctx.Done() // the runtime sends the overdue checkpoint
		return nil
	}}
	_, err := lastStateOf(t, c, host.CheckpointEvery(20*time.Millisecond, 1000))
	require.ErrorContains(t, err, "it would contain a secret")
	assert.Equal(t, 1, strings.Count(err.Error(), "it would contain a secret"), "%v", err)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
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

func TestATableStillBeingSyncedWhenSyncReturnsIsNotFinished(t *testing.T) {
	var left sync.WaitGroup
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		delivered := make(chan struct{})
		left.Go(func() {
			_ = out.SyncTables(func(out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "b")
				err := out.Upsert("b", id(10))
				cursor.Advance(10)
				close(delivered)
				<-ctx.Done()
				return errors.Join(err, out.Upsert("b", id(5)))
			}, "b")
		})
		<-delivered
		return nil
	}}
	last, err := lastStateOf(t, c)
	left.Wait()
	require.ErrorContains(t, err, "Sync returned while table b was being synced")
	assert.Equal(t, `{}`, last)
}

func TestTheStateOfAFailedTableIsHeldUnderBothItsNames(t *testing.T) {
	for _, named := range []string{"b", "wide.b"} {
		for _, kept := range []string{"b", "wide.b"} {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
				_ = out.SyncTables(func(out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, kept)
					err := out.Upsert("b", id(10))
					cursor.Advance(10)
					return errors.Join(err, errors.New("the source is gone"))
				}, named)
				return nil
			}}
			last, err := lastStateOf(t, c)
			require.NoError(t, err, "the connector ignores the error")
			assert.Equal(t, `{}`, last, "%s, %s", named, kept)
		}
	}
}

func TestATableIsSyncedByOneCallAtATime(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "child"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(connector.Emitter) error {
			assert.ErrorContains(t, out.SyncTables(func(connector.Emitter) error { return nil }, "a"), "table a is already being synced")
			return out.SyncTables(func(connector.Emitter) error { return nil }, "b", "child") // two calls may share a child
		}, "a", "child")
	}}
	_, err := lastStateOf(t, c)
	require.NoError(t, err)
}

func TestAChildOfAFailedTableEndsWithTheFailure(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "child"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("child", id(1)), errors.New("403 Forbidden"))
		}, "child")
		tables.Add("b", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("child", id(2)) }, "child")
		return tables.Sync(ctx, st, out)
	}}
	last := map[string]string{}
	_ = fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpTableEnd {
			last[op.Table.Name] = fmt.Sprint(op.Err)
		}
		return nil
	})
	assert.Equal(t, map[string]string{"a": "403 Forbidden", "b": "<nil>", "child": "403 Forbidden"}, last)
}

func TestAScopeOfNoTablesSavesNothing(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Table("a").Set("n", 1), out.Scope().Checkpoint(), errors.New("the source is gone"))
	}}
	last, err := lastStateOf(t, c)
	require.ErrorContains(t, err, "the source is gone")
	assert.Equal(t, `{}`, last)
}

func TestAReplacedSecretArrivesEvenIfOtherOperationsAreRefused(t *testing.T) {
	for name, end := range map[string]error{"the destination has enough": host.ErrEnough, "the destination failed": errors.New("the platform is gone")} {
		t.Run(name, func(t *testing.T) {
			c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
				return connector.ReplaceSecret(ctx, "refresh_token", "token-9876543210")
			}}
			var replaced []string
			keep := host.DestinationFunc(func(op *host.Operation) error {
				replaced = append(replaced, op.Field)
				return nil
			})
			run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(keep))
			_ = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
				switch op.Kind {
				case host.OpUpsert:
					return end
				case host.OpReplacedSecret:
					return keep(op)
				}
				return nil
			}))
			require.NoError(t, run.Close())
			assert.Equal(t, []string{"refresh_token"}, replaced)
		})
	}
}

func TestASecretCannotBeReplacedOnceTheRunIsOver(t *testing.T) {
	kept := make(chan context.Context, 1)
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		kept <- ctx
		return nil
	}}
	var out bytes.Buffer
	require.NoError(t, stdin.Serve(t.Context(), c, strings.NewReader(`{"secrets":{"refresh_token":"token-0123456789"}}`), &out, fixture.Quiet))
	length := out.Len()
	require.ErrorIs(t, connector.ReplaceSecret(<-kept, "refresh_token", connector.Secret(strings.Repeat("x", 70_000))), connector.ErrClosed)
	assert.Equal(t, length, out.Len(), "nothing is written after the last line")
}

func TestALineWriterRefusesLinesAfterClose(t *testing.T) {
	lines := host.NewLineWriter(t.Context(), io.Discard, func() time.Duration { return time.Second })
	require.NoError(t, lines.Close())
	require.Error(t, lines.Line("", []byte("late"), ""))
	require.Error(t, lines.Flush())
	require.Error(t, lines.Close())
}

func TestADestinationThatBlocksDoesNotDelayACancelledSync(t *testing.T) {
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"id": false}}}}}}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	for blocked := range 9 { // the sync has seven operations: a warning, begin, row, begin, checkpoint, two ends
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		n := 0
		run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
		done := make(chan error, 1)
		go func() {
			done <- run.Sync(host.SyncRequest{Selection: selection}, host.DestinationFunc(func(*host.Operation) error {
				if n++; n-1 == blocked {
					cancel()
					<-release
				}
				return nil
			}))
		}()
		err := <-done // hangs until the test times out if the sync does not end
		close(release)
		if blocked < 7 {
			assert.Equal(t, connector.Interrupted, connector.KindOf(err), "operation %d: %v", blocked, err)
		} else {
			assert.NoError(t, err)
		}
		cancel()
		require.NoError(t, run.Close())
	}
}

func TestAPanicOfTheDestinationNamesTheDestination(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	for _, kind := range []host.OperationKind{host.OpUpsert, host.OpCheckpoint, host.OpTableEnd} {
		err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			if op.Kind == kind {
				panic("nil pointer")
			}
			return nil
		})
		require.ErrorContains(t, err, "panic in the destination: nil pointer")
	}
}

// The methods of a careless error panic for a nil pointer.
type careless struct{ text string }

func (e *careless) Error() string { return e.text }

func TestANilPointerReturnedAsAnErrorIsADefect(t *testing.T) {
	for name, err := range map[string]error{
		"a type of the module":         (*connector.Error)(nil),
		"a type of the author":         (*careless)(nil),
		"a wrapped type of the module": fmt.Errorf("sync: %w", (*connector.Error)(nil)),
		"a wrapped type of the author": fmt.Errorf("sync: %w", (*careless)(nil)),
		"joined":                       errors.Join((*careless)(nil), (*connector.Error)(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Shop{
				OnTest: func(context.Context) error { return err },
				OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
					var tables connector.Tables
					tables.Add("orders", func(context.Context, state.State, connector.Emitter) error { return err })
					return errors.Join(tables.Sync(ctx, st, out), err)
				},
			}
			run := host.New(t.Context(), c, fixture.Quiet)
			defer run.Close()
			assert.Equal(t, connector.Defect, connector.KindOf(run.Test()))
			assert.Equal(t, connector.Defect, connector.KindOf(run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard))))
		})
	}
}

// A panicking connector panics in a migration and in the methods of its schema.
type panicking struct{ fixture.Shop }

func (*panicking) StateMigrations() []state.Migration {
	return []state.Migration{func(map[string]json.RawMessage) error { panic("index out of range") }}
}

func (*panicking) Schema(context.Context) (schema.Schema, error) {
	return (*nilSchema)(nil), nil
}

type nilSchema struct{ tables []*schema.Table }

func (s *nilSchema) Tables() []*schema.Table            { return s.tables }
func (s *nilSchema) Table(string) (*schema.Table, bool) { return nil, false }

func TestAPanicAnywhereInTheConnectorIsAnError(t *testing.T) {
	run := host.New(t.Context(), &panicking{}, fixture.Quiet)
	defer run.Close()
	_, err := run.Schema()
	require.ErrorContains(t, err, "panic in Schema")
	_, err = run.JoinState([]byte(`{"a":{"n":1}}`), []byte(`{"b":{"n":1},"_version":1}`))
	require.ErrorContains(t, err, "panic in a migration of the state: index out of range")
}

func TestASyncThatReturnsOnlyItsCancellationReportsTheCause(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal terminated"))
		<-ctx.Done()
		return fmt.Errorf("GET /orders: %w", ctx.Err())
	}}
	run := host.New(ctx, c, fixture.Quiet)
	defer run.Close()
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard))
	assert.EqualError(t, err, "interrupted by signal terminated")
}

func TestASecretInAKeyOrAGroupOfTheLogIsMasked(t *testing.T) {
	var log bytes.Buffer
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		connector.Logger(ctx).WithGroup("key-0123456789").With("key-0123456789", 1).Info("x", "key-0123456789", 2)
		return nil
	}}
	_, err := lastStateOf(t, c, host.LogTo(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	assert.Contains(t, log.String(), "[redacted]")
	assert.NotContains(t, log.String(), "0123456789")
}

func TestADeselectedTableIsNotDeclared(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Declare(schema.Table{Name: "late"}), out.Upsert("late", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {Tables: map[string]host.TableSelection{"late": {Excluded: true}}},
	}}})
	require.NoError(t, err)
	assert.NotContains(t, strings.Join(got, "\n"), "late")
}

// A declaring value declares its table again while it is being encoded.
type declaring struct{ do func() }

func (d declaring) MarshalJSON() ([]byte, error) { d.do(); return []byte(`"1"`), nil }

func TestARowIsEncodedForTheCurrentDeclaration(t *testing.T) {
	column := func(typ schema.Type) schema.Table {
		return schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: typ}}}
	}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		var once sync.Once
		redeclare := func() { once.Do(func() { assert.NoError(t, out.Declare(column(schema.TypeLong))) }) }
		return errors.Join(out.Declare(column(schema.TypeString)), out.Upsert("t", map[string]any{"v": declaring{redeclare}}))
	}}
	_, err := steps(t, c, host.SyncRequest{})
	var misfit *schema.RowError
	require.ErrorAs(t, err, &misfit, "a text does not fit the new declaration of the column")
}

// The Validate method of a validating connector panics with a secret.
type validating struct{ fixture.Shop }

func (v *validating) Validate() error { panic("bad " + v.APIKey.Reveal()) }

func TestAPanicInValidateIsAnErrorWithoutSecrets(t *testing.T) {
	var log bytes.Buffer
	run := host.New(t.Context(), &validating{}, host.LogTo(slog.NewTextHandler(&log, nil)))
	defer run.Close()
	_, err := run.Configure([]byte(`{"api_key":"key-0123456789"}`))
	require.EqualError(t, err, "panic in Validate: bad [redacted]")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, log.String(), "hostile_test.go", "the stack is in the log")
	assert.NotContains(t, log.String(), "0123456789")
}
