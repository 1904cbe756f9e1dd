package schema_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/schema"
)

// Destinations make NUMERIC(5,2) of DECIMAL(5,2), and round or fail.
func TestADecimalBeyondItsPrecisionOrScaleIsRefused(t *testing.T) {
	column := schema.Column{Name: "v", Type: schema.TypeDecimal, Precision: 5, Scale: 2}
	encode := func(column schema.Column, value any) (string, error) {
		table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, column}}
		row, err := schema.NewEncoder(&table, nil).Append(nil, map[string]any{"id": 1, "v": value}, schema.Full)
		return string(row), err
	}
	knownfault.Run(t, []string{
		"refused string 1000", "refused string 123456789.12", "refused string 1.234", "refused json.Number 1.234", "refused int 1000",
		"refused schema.Decimal -1000.00",
	}, func(t *knownfault.T) {
		for _, value := range []any{"123.45", "-999.99", "0.1", "7", "7.000", json.Number("12.30")} {
			t.Run(fmt.Sprint("taken ", value), func(t *knownfault.T) {
				_, err := encode(column, value)
				assert.NoError(t, err)
			})
		}
		for _, value := range []any{"1000", "123456789.12", "1.234", json.Number("1.234"), 1000, schema.Decimal("-1000.00")} {
			t.Run(fmt.Sprintf("refused %T %v", value, value), func(t *knownfault.T) {
				row, err := encode(column, value)
				assert.Error(t, err, "delivered as %s", row)
			})
		}
		t.Run("no precision, no limit", func(t *knownfault.T) {
			_, err := encode(schema.Column{Name: "v", Type: schema.TypeDecimal}, "123456789.123456789")
			assert.NoError(t, err)
		})
	})
}
