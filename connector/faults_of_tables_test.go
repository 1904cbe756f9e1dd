package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// The state of a table is checked when its cursor is created, which may be before
// other tables begin.
func TestAFaultInTheStateOfOneTableStopsNoOtherTable(t *testing.T) {
	names := []string{"a", "b", "c"}
	c := &fixture.Wide{Names: names, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		faulty := state.NewCursor[int64](st, "a")
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("a", map[string]any{"id": faulty.Start()}))
		})
		for _, name := range names[1:] {
			tables.Add(name, syncOne(name, func() error { return nil }))
		}
		return tables.Sync(ctx, st, out)
	}}
	rows := map[string]int{}
	err := fixture.Sync(t, c, host.SyncRequest{State: json.RawMessage(`{"a":{"cursor":"yesterday"}}`)}, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			rows[op.Table.Name]++
		}
		return nil
	})
	var failed *connector.TablesError
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failures, 1)
	assert.Equal(t, "a", failed.Failures[0].Table)
	assert.Equal(t, map[string]int{"b": 3, "c": 3}, rows)
}
