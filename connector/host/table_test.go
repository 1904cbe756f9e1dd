package host_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestASyncWarnsAboutValuesThatItAltered(t *testing.T) {
	readings := schema.Table{Name: "readings", Unfit: schema.NullUnfit, Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "value", Type: schema.TypeDouble},
		{Name: "price", Type: schema.TypeDecimal, Precision: 5, Scale: 2}, {Name: "mac", Type: schema.TypeBinary},
	}}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.Declare(readings),
			out.Upsert("readings", map[string]any{"id": 1, "value": math.NaN(), "price": "1000", "mac": "001a2b3c4d5e", "userId": 1}),
			out.Declare(readings),
			out.Upsert("readings", map[string]any{"id": 2, "value": math.Inf(1), "price": "1.25", "mac": "001a2b3c4d5f", "userId": 1}),
			out.Upsert("readings", map[string]any{"id": 3, "value": 0.5, "userID": 1, "USERID2": 1}),
			out.Upsert("readings", map[string]any{"id": 4, "UserId2": 1}),
		)
	}}
	var warnings []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	}))
	assert.Equal(t, []string{
		"table wide.readings, column price: values that the column cannot hold were delivered as null in 1 row, the first: want DECIMAL, got string: it has 4 digits before the decimal point, and DECIMAL(5,2) allows 3",
		"table wide.readings, column value: values that the column cannot hold were delivered as null in 2 rows, the first: want DOUBLE, got NaN or an infinity: JSON has no such number: emit a null instead",
		"table wide.readings, column mac: the text of 2 rows consists of hexadecimal digits only and was taken for base64: if it is hexadecimal, the connector must decode it with hex.DecodeString and emit the []byte",
		`table wide.readings: some rows have the undeclared column "USERID2" and others "UserId2", which are one column at a destination that ignores case: use one spelling (columns with several spellings: 2)`,
	}, warnings)
}
