package connector_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// columnOf returns a connector that delivers the values in the column "v".
func columnOf(columnType schema.Type, values ...any) *scripted {
	return &scripted{
		tables: []schema.Table{idTable("t", schema.Column{Name: "v", Type: columnType})},
		sync: func(_ context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
			for id, v := range values {
				if err := out.Upsert("t", map[string]any{"id": id, "v": v}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// Text of 64 hexadecimal digits is also valid base64 (RFC 4648, section 4), but it
// encodes other bytes.
func TestHexadecimalTextInABinaryColumnIsRefusedOrReported(t *testing.T) {
	var hexadecimal, inBase64 []any
	for i := range 50 {
		sum := sha256.Sum256([]byte{byte(i)})
		hexadecimal = append(hexadecimal, hex.EncodeToString(sum[:]))
		inBase64 = append(inBase64, base64.StdEncoding.EncodeToString(sum[:]))
	}
	t.Run("hexadecimal", func(t *testing.T) {
		r, err := connectortest.TrySync(t, columnOf(schema.TypeBinary, hexadecimal...))
		assert.True(t, err != nil || warned(r))
	})
	t.Run("base64", func(t *testing.T) {
		r, err := connectortest.TrySync(t, columnOf(schema.TypeBinary, inBase64...))
		assert.NoError(t, err)
		assert.False(t, warned(r))
	})
}

// The significand of a float64 has 53 bits. A DECIMAL column refuses a float64 that
// has lost digits.
func TestAFloatThatLostDigitsInAJSONColumnIsRefusedOrReported(t *testing.T) {
	var decoded any
	require.NoError(t, json.Unmarshal([]byte(`{"a":[12345678901234567890,9007199254740993]}`), &decoded))
	for name, v := range map[string]any{
		"in an object": map[string]any{"a": 12345678901234567890.10}, "in a list": []any{9007199254740994.0}, "decoded": decoded,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := connectortest.TrySync(t, columnOf(schema.TypeJSON, v))
			assert.True(t, err != nil || warned(r), "delivered without an error or a warning: %s", r.Rows("t"))
		})
	}
	for i, v := range []any{
		map[string]any{"a": json.Number("12345678901234567890.10")}, json.RawMessage(`{"a":9007199254740993}`), map[string]any{"a": 0.5}, []any{3.0},
	} {
		t.Run(fmt.Sprintf("exact %d", i), func(t *testing.T) {
			r, err := connectortest.TrySync(t, columnOf(schema.TypeJSON, v))
			assert.NoError(t, err)
			assert.False(t, warned(r))
		})
	}
}
