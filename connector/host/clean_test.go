package host_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

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

// An apiError is not comparable, like the errors of many generated clients.
type apiError struct{ details any }

func (apiError) Error() string { return "409 Conflict" }

func TestErrorsOfTypesThatAreNotComparableAreReturned(t *testing.T) {
	conflict := apiError{[]string{"version"}}
	fails := func(context.Context, state.State, connector.Emitter) error { return conflict }
	c := &fixture.Wide{Names: []string{"a"}, OnSync: fails}
	require.EqualError(t, recordSync(t, c, accept).err, "409 Conflict")
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{}
		tables.Add("a", fails)
		return tables.Sync(ctx, st, out)
	}
	require.ErrorContains(t, recordSync(t, c, accept).err, "a: 409 Conflict")
	c.OnSync = oneTable
	got := recordSync(t, c, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return conflict
		}
		return nil
	})
	require.ErrorContains(t, got.err, "409 Conflict")
}
