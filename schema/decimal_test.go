package schema_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func TestDecimalKeepsItsDigits(t *testing.T) {
	for in, want := range map[string]schema.Decimal{
		`19.90`: "19.90", `"19.90"`: "19.90", `-0`: "-0", `1e3`: "1e3", `"+.5E-7"`: "+.5E-7", `null`: "", `""`: "",
		`123456789012345678901234567890.10`: "123456789012345678901234567890.10",
	} {
		var d schema.Decimal
		require.NoError(t, json.Unmarshal([]byte(in), &d), in)
		assert.Equal(t, want, d, in)
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		assert.Equal(t, d, back)
	}
	for _, in := range []string{`true`, `[1]`, `{}`, `"12,50"`, `"1 "`, `"NaN"`, `"."`, `"1e"`, `"0x1"`} {
		var d schema.Decimal
		err := json.Unmarshal([]byte(in), &d)
		require.Error(t, err, in)
		assert.NotContains(t, err.Error(), "12,50", "an error must not contain the value")
	}
	_, err := json.Marshal(schema.Decimal("a lot"))
	assert.ErrorContains(t, err, "not a number")
}

// A destination turns DECIMAL(5,2) into NUMERIC(5,2), which rounds other values
// or rejects them.
func TestADecimalBeyondItsPrecisionOrScaleIsRejected(t *testing.T) {
	column := schema.Column{Name: "v", Type: schema.TypeDecimal, Precision: 5, Scale: 2}
	encode := func(column schema.Column, value any) (string, error) {
		table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, column}}
		row, err := schema.NewEncoder(&table, nil).Append(nil, map[string]any{"id": 1, "v": value}, schema.Full)
		return string(row), err
	}
	for _, value := range []any{"123.45", "-999.99", "0.1", "7", "7.000", json.Number("12.30")} {
		t.Run(fmt.Sprint("accepted ", value), func(t *testing.T) {
			_, err := encode(column, value)
			assert.NoError(t, err)
		})
	}
	for _, value := range []any{"1000", "123456789.12", "1.234", json.Number("1.234"), 1000, schema.Decimal("-1000.00")} {
		t.Run(fmt.Sprintf("rejected %T %v", value, value), func(t *testing.T) {
			row, err := encode(column, value)
			assert.Error(t, err, "delivered as %s", row)
		})
	}
	t.Run("no limit without precision", func(t *testing.T) {
		_, err := encode(schema.Column{Name: "v", Type: schema.TypeDecimal}, "123456789.123456789")
		assert.NoError(t, err)
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{`1`, `"1.50"`, `-0.0e-10`, `null`, `"\u0031"`, `"+5"`, `"."`, `{}`, `"1`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var d schema.Decimal
		if json.Unmarshal([]byte(in), &d) != nil {
			_ = d.UnmarshalJSON([]byte(in)) // called with JSON that no decoder has checked
			return
		}
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, d, back)
		if d == "" {
			return
		}
		var text string
		if json.Unmarshal([]byte(in), &text) == nil {
			require.Equal(t, text, string(d))
		}
		if !strings.ContainsAny(string(d), "eE") { // big.Rat limits exponents
			_, ok := new(big.Rat).SetString(string(d))
			require.True(t, ok, "other packages accept the number too")
		}
	})
}
