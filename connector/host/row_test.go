package host_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestRowsThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		emit func(connector.Emitter) error
		want string
	}{
		"unknown table": {func(out connector.Emitter) error { return out.Upsert("ordres", fixture.NewOrder(1)) },
			`table "ordres" is not in the schema, which has orders, carts`},
		"missing key": {func(out connector.Emitter) error { return out.Upsert("orders", map[string]any{"total": "1"}) },
			"table shop.orders, column id: got no value"},
		"null key": {func(out connector.Emitter) error { return out.Delete("orders", []byte(`{"id":null}`)) },
			"table shop.orders, column id: got null"},
		"misfit": {func(out connector.Emitter) error { return out.Update("orders", map[string]any{"id": 1, "total": true}) },
			"table shop.orders, column total: want DECIMAL, got bool"},
		"not a row": {func(out connector.Emitter) error { return out.Upsert("orders", 5) },
			"table shop.orders: got int: a row must be a struct"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				return c.emit(out)
			}}, fixture.WithKey)
			require.ErrorContains(t, err, c.want)
			require.Len(t, lines, 2)
			assert.Contains(t, lines[0], "STATE")
			assert.Equal(t, connector.Defect, connector.KindOf(err))
		})
	}
}

func TestRefusedRowsThatTheConnectorIgnoresAreReported(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.Upsert("orders", map[string]any{"total": "1"})
		_ = out.Upsert("orders", map[string]any{"total": "2"})
		return out.Upsert("orders", fixture.NewOrder(1))
	}}, fixture.WithKey)
	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.Contains(t, lines[1], "2 rows were refused and are not delivered; the first: table shop.orders, column id")
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
