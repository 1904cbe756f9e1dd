package schema_test

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// Drivers of databases return the value of a JSON column as a []byte. As base64, it would be
// another value.
func TestJSONTextInBytesIsRefusedInAJSONColumn(t *testing.T) {
	table := oneOf(schema.TypeJSON)
	appended := func(row any) (string, error) {
		b, err := schema.NewEncoder(table, nil).Append(nil, row, schema.Full)
		return string(b), err
	}
	cells := func(add func(r *schema.Row)) any {
		r, err := schema.NewRow(table, "v")
		require.NoError(t, err)
		add(r)
		return r
	}
	type text []byte
	for _, value := range []string{`{"a":1}`, `[1,2]`, " \n{}"} {
		v := []byte(value)
		for name, row := range map[string]any{
			"map":       map[string]any{"v": v},
			"RawBytes":  map[string]any{"v": sql.RawBytes(v)},
			"own type":  map[string]any{"v": text(v)},
			"pointer":   map[string]any{"v": &v},
			"null type": map[string]any{"v": sql.Null[[]byte]{V: v, Valid: true}},
			"struct": &struct {
				V []byte `json:"v" schema:"type=JSON"`
			}{v},
			"Row, bytes": cells(func(r *schema.Row) { r.Bytes(v) }),
			"Row, value": cells(func(r *schema.Row) { r.Value(v) }),
		} {
			_, err := appended(row)
			assert.ErrorContains(t, err, "it is JSON text, which would be delivered as base64: pass it as a json.RawMessage", "%s: %s", name, value)
		}
		for name, row := range map[string]any{
			"raw message": map[string]any{"v": json.RawMessage(v)},
			"Row, JSON":   cells(func(r *schema.Row) { r.JSON(v) }),
		} {
			got, err := appended(row)
			assert.NoError(t, err, name)
			assert.JSONEq(t, `{"v":`+value+`}`, got, name)
		}
	}
	// Binary data has no other form in JSON.
	for _, row := range []any{map[string]any{"v": []byte{0xff, '{'}}, map[string]any{"v": []byte("{a")}} {
		_, err := appended(row)
		assert.NoError(t, err)
	}
	got, err := appended(map[string]any{"v": map[string]any{"a": []byte("{}")}})
	assert.NoError(t, err)
	assert.Equal(t, `{"v":{"a":"e30="}}`, got)
}
