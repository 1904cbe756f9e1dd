package host_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestADeclaredTableDoesNotShareTheCallersColumns(t *testing.T) {
	var later *schema.Table
	var rows []string
	err := fixture.Sync(t, &fixture.Wide{Names: []string{"first"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		columns := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}}
		require.NoError(t, out.Declare(schema.Table{Name: "later", Columns: columns}))
		columns[0] = schema.Column{Name: "other", Type: schema.TypeString}
		columns[1].Type = schema.TypeBoolean
		require.NoError(t, out.Upsert("later", map[string]any{"id": 1, "total": "1.50"}))
		require.Error(t, out.Upsert("later", map[string]any{"other": "1", "total": true}))
		return nil
	}}, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpSchemaChange:
			later = op.Table
		case host.OpUpsert:
			rows = append(rows, string(op.Row))
			assert.Equal(t, []string{"id"}, op.Table.PrimaryKey())
		}
		return nil
	})
	require.NoError(t, err)
	require.NotNil(t, later)
	assert.Equal(t, "wide.later", later.String())
	assert.Equal(t, []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}}, later.Columns)
	assert.Equal(t, []string{`{"id":1,"total":"1.50"}`}, rows)
}
