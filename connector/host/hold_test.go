package host_test

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
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A staffed connector has a table named people in each of two schemas.
type staffed struct{ fixture.Wide }

func (*staffed) Schema(context.Context) (schema.Schema, error) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	sales, err := schema.New("sales", schema.Table{Name: "people", Columns: id})
	staff, err2 := schema.New("staff", schema.Table{Name: "people", Columns: id})
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return schema.Join(sales, staff)
}

func TestADeselectedTableHoldsOnlyItsOwnState(t *testing.T) {
	c := &staffed{}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Table("sales.people").Set("n", 1), st.Table("staff.people").Set("n", 1))
	}
	var last map[string]any
	err := fixture.Sync(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{"staff": {Excluded: true}}}},
		func(op *host.Operation) error {
			if op.Kind == host.OpCheckpoint {
				return json.Unmarshal(op.State, &last)
			}
			return nil
		})
	require.NoError(t, err)
	assert.Contains(t, last, "sales.people")
	assert.NotContains(t, last, "staff.people", "the rows of the deselected table were dropped")
}
