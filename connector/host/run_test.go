package host_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestConfigureFillsACopyAndNamesUnknownFields(t *testing.T) {
	c := &fixture.Shop{BaseURL: "https://api.example.com"}
	run := host.New(t.Context(), c, fixture.Quiet)
	defer run.Close()
	unknown, err := run.Configure([]byte(`{"api_key":"key-0123456789","region":"eu"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"region"}, unknown)
	assert.Empty(t, c.APIKey, "the connector that was passed to New is not changed")
	assert.Equal(t, "got [redacted]", run.Redact("got key-0123456789"))
	_, err = run.Configure([]byte(`{"base_url":"not a URL"}`))
	require.ErrorIs(t, err, connector.Configuration)
	assert.Equal(t, "api_key: is required; base_url: want a valid uri; check the configuration", run.Explain(err))
	assert.Equal(t, err, run.Test(), "methods that need the configuration return its error")
	assert.Equal(t, err, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)))
	tables, err := run.Schema()
	require.NoError(t, err, "a static schema needs no configuration")
	assert.Len(t, tables.Tables(), 2)
}

func TestARunIsOpenedOnceAndClosedAtItsEnd(t *testing.T) {
	l := &lifecycle{}
	run := host.New(t.Context(), l, fixture.Quiet)
	_, err := run.Schema()
	require.NoError(t, err)
	require.NoError(t, run.Test())
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)))
	require.NoError(t, run.Close())
	require.NoError(t, run.Close())
	assert.Equal(t, "[open test sync close]", fmt.Sprint(l.calls))
	_, err = host.New(t.Context(), l).Configure(nil)
	require.ErrorContains(t, err, "api_key: is required")
}

func TestATestOfTheConnectionTakesAtMostTwentySeconds(t *testing.T) {
	for name, c := range map[string]struct {
		test func(context.Context) error
		took time.Duration
	}{
		"a source that does not answer":        {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 20 * time.Second},
		"a connector that ignores its context": {func(context.Context) error { time.Sleep(time.Hour); return nil }, 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run := host.New(t.Context(), &fixture.Shop{OnTest: c.test}, fixture.Quiet)
				began := time.Now()
				err := run.Test()
				assert.Equal(t, c.took, time.Since(began))
				assert.Equal(t, connector.Transient, connector.KindOf(err))
				assert.ErrorContains(t, err, "the source did not answer within 20s")
				require.NoError(t, run.Close())
				time.Sleep(2 * time.Hour) // until the abandoned method has returned
			})
		})
	}
}

// An opening connector calls a function in Open.
type opening struct {
	fixture.Shop
	open func(context.Context) error
}

func (o *opening) Open(ctx context.Context) error { return o.open(ctx) }

func TestATestBoundsTheTimeOfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := host.New(t.Context(), &opening{open: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }}, fixture.Quiet)
		began := time.Now()
		err := run.Test()
		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Equal(t, connector.Transient, connector.KindOf(err))
		require.NoError(t, run.Close())
	})
}

// A leaky error has a type that the module does not know and contains a secret.
type leaky struct{ Secret string }

func (e *leaky) Error() string { return "refused " + e.Secret }

var errSource = errors.New("the source is gone")

func TestNoErrorWithASecretCanBeUnwrappedFromAnErrorOfARun(t *testing.T) {
	const key = "key-0123456789"
	at, err := url.Parse("https://example.com/?key=" + key)
	require.NoError(t, err)
	for name, sync := range map[string]error{
		"an unknown type":                &leaky{key},
		"inside a join":                  errors.Join(errSource, &leaky{key}),
		"inside an Error":                &connector.Error{Kind: connector.Transient, Table: key, Hint: "replace " + key, Err: fmt.Errorf("read: %w", &leaky{key})},
		"a type of the standard library": &url.Error{Op: "Get", URL: at.String(), Err: errSource},
		"an error of tables": &connector.Error{Err: &connector.TablesError{Total: 2, Failures: []connector.TableFailure{
			{Table: "orders", Err: &leaky{key}},
			{Table: "carts", Err: &connector.Error{Kind: connector.Configuration, Err: &leaky{key}}},
		}}},
		"an error of a row":   fmt.Errorf("page 2: %w", &schema.RowError{Table: "shop.orders", Column: key, Got: key, Problem: key}),
		"an error of a state": &state.Error{Table: "orders", Key: key, Problem: "it is " + key},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Shop{APIKey: key, OnSync: func(context.Context, state.State, connector.Emitter) error { return sync }}
			got := fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard)
			require.Error(t, got)
			assert.Equal(t, connector.KindOf(sync), connector.KindOf(got))
			assert.Contains(t, got.Error(), "[redacted]")
			assert.ErrorIs(t, got, sync, "errors.Is still finds the original error")
			if errors.Is(sync, errSource) {
				assert.ErrorIs(t, got, errSource)
			}
			assertClean(t, got, key)
			assert.NotErrorAs(t, got, new(*leaky))
			assert.NotErrorAs(t, got, new(*url.Error))
			assert.Equal(t, errors.As(sync, new(*connector.TablesError)), errors.As(got, new(*connector.TablesError)))
			assert.Equal(t, errors.As(sync, new(*schema.RowError)), errors.As(got, new(*schema.RowError)))
			assert.Equal(t, errors.As(sync, new(*state.Error)), errors.As(got, new(*state.Error)))
		})
	}
}

// assertClean asserts that neither err nor any error that it wraps contains the
// secret.
func assertClean(t *testing.T, err error, secret string) {
	t.Helper()
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%#v", reflect.ValueOf(err).Elem())} {
		assert.NotContains(t, text, secret)
	}
	var inner []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inner = append(inner, e.Unwrap())
	case interface{ Unwrap() []error }:
		inner = e.Unwrap()
	}
	for _, e := range inner {
		if e != nil {
			assertClean(t, e, secret)
		}
	}
}

func TestTheKindsOfFailedTablesAreKept(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { return context.DeadlineExceeded })
		tables.Add("b", func(context.Context, state.State, connector.Emitter) error {
			return connector.Errorf(connector.Configuration, "403 Forbidden")
		})
		return tables.Sync(ctx, st, out)
	}}
	err := fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard)
	var failed *connector.TablesError
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failures, 2)
	assert.Equal(t, connector.Transient, connector.KindOf(failed.Failures[0].Err))
	assert.ErrorIs(t, failed.Failures[0].Err, context.DeadlineExceeded)
	assert.Equal(t, connector.Configuration, connector.KindOf(failed.Failures[1].Err))
	assert.ErrorIs(t, err, connector.Configuration)
	assert.NotErrorIs(t, err, connector.Defect)
}

func TestASecretThatIsHiddenAtRunTimeIsMasked(t *testing.T) {
	const token = "token-9876543210"
	c := &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		connector.Hide(ctx, token)
		return errors.Join(out.Warn("refreshed "+token), errors.New("refused "+token))
	}}
	var warnings []string
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	})
	assert.Equal(t, []string{"refreshed [redacted]"}, warnings)
	assert.EqualError(t, err, "refused [redacted]")
	connector.Hide(context.Background(), token) // does nothing outside a run
}

// A rotating connector has a secret that its source replaces.
type rotating struct {
	Name         string           `json:"name,omitempty"`
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
	replace      func(context.Context) error
}

func (*rotating) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.Table{Name: "t"})
}
func (r *rotating) Test(ctx context.Context) error { return r.replace(ctx) }
func (r *rotating) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return errors.Join(out.Upsert("t", id(1)), r.replace(ctx), out.Upsert("t", id(2)))
}

func TestAReplacedSecretReachesThePlatformInOrder(t *testing.T) {
	const token = "token-9876543210"
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		return connector.ReplaceSecret(ctx, "refresh_token", token)
	}}
	var got []string
	dst := host.DestinationFunc(func(op *host.Operation) error {
		got = append(got, fmt.Sprint(op.Kind, " ", op.Field, string(op.Row)))
		if op.Kind == host.OpReplacedSecret {
			assert.Equal(t, connector.Secret(token), op.Value)
		}
		return nil
	})
	run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(dst))
	require.NoError(t, run.Test())
	assert.Equal(t, []string{"replaced secret refresh_token"}, got)
	got = nil
	require.NoError(t, run.Sync(host.SyncRequest{}, dst))
	assert.Equal(t, []string{"table begin ", `upsert {"id":1}`, "replaced secret refresh_token", `upsert {"id":2}`, "checkpoint ", "table end "}, got)
	assert.Equal(t, "[redacted]", run.Redact(token), "the new value is hidden, too")
	require.NoError(t, run.Close())
}

func TestReplacingASecretThatThePlatformCannotStoreIsAnError(t *testing.T) {
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		assert.ErrorContains(t, connector.ReplaceSecret(ctx, "name", "x"), `no field "name" that is tagged`)
		return connector.ReplaceSecret(ctx, "refresh_token", "token-9876543210")
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	defer run.Close()
	require.ErrorIs(t, run.Test(), connector.ErrNotReplaced)
	require.ErrorIs(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)), connector.ErrNotReplaced)
	require.ErrorIs(t, connector.ReplaceSecret(t.Context(), "refresh_token", "x"), connector.ErrNotReplaced)
}

func TestADestinationThatHasEnoughReceivesTheLastConsistentState(t *testing.T) {
	for name, end := range map[string]func(context.Context, error) error{
		"returns the error":     func(_ context.Context, err error) error { return err },
		"swallows the error":    func(context.Context, error) error { return nil },
		"returns another error": func(context.Context, error) error { return errors.New("connection closed") },
		"waits for the end":     func(ctx context.Context, _ error) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "a", state.Sorted())
				for n := int64(1); ; n++ {
					if err := out.Upsert("a", id(n)); err != nil {
						assert.Equal(t, connector.Interrupted, connector.KindOf(err))
						return end(ctx, err)
					}
					cursor.Advance(n)
					if n%2 == 0 {
						if err := out.Checkpoint(); err != nil {
							return end(ctx, err)
						}
					}
				}
			}}
			rows, last := 0, ""
			err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				switch op.Kind {
				case host.OpUpsert:
					if rows++; rows >= 5 {
						return host.ErrEnough
					}
				case host.OpCheckpoint:
					last = string(op.State)
				}
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 5, rows)
			assert.Equal(t, `{"a":{"cursor":4}}`, last)
		})
	}
}

func TestATableThatFailedBeforeErrEnoughIsAnError(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error {
			return connector.Errorf(connector.Configuration, "403 Forbidden")
		})
		tables.Add("b", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("b", id(1)) })
		return tables.Sync(ctx, st, out)
	}}
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return host.ErrEnough
		}
		return nil
	})
	require.ErrorContains(t, err, "a: 403 Forbidden")
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
}

func TestTheLastAcceptedRowCanBeCheckpointed(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for n := cursor.Start(); n < 5; n++ {
			if err := out.Upsert("a", id(n)); err != nil {
				return err
			}
			cursor.Advance(n)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	}}
	last, syncs := []byte(nil), 0
	for ; string(last) != `{"a":{"cursor":4}}`; syncs++ {
		require.Less(t, syncs, 10, "the state is %s", last)
		rows := 0
		require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: last}, func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				if rows++; rows == 2 { // the row at the cursor is read again
					return host.ErrEnough
				}
			case host.OpCheckpoint:
				last = slices.Clone(op.State)
			}
			return nil
		}))
	}
	assert.Equal(t, 4, syncs)
}

func TestNoCheckpointCoversARowRefusedAfterErrEnough(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for n := int64(1); n <= 5; n++ {
			_ = out.Upsert("a", id(n)) // a mistake: the error is ignored
			cursor.Advance(n)
			_ = out.Checkpoint()
		}
		return nil
	}}
	rows, last := 0, ""
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			if rows++; rows == 3 {
				return host.ErrEnough
			}
		case host.OpCheckpoint:
			last = string(op.State)
		}
		return nil
	}))
	assert.Equal(t, 3, rows)
	assert.Equal(t, `{"a":{"cursor":3}}`, last)
}
