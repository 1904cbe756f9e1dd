package schema_test

import (
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

type measured struct {
	Name  string
	Count float64 `json:"count"`
}

func TestAFloatThatMayHaveLostDigitsIsRefusedWithinJSON(t *testing.T) {
	var decoded any
	require.NoError(t, json.Unmarshal([]byte(`{"a/b":[1,{"id":9007199254740993}]}`), &decoded))
	id := 12345678901234567890.10
	type embeds struct {
		measured
		Quoted float64 `json:"quoted,string"`
	}
	for _, test := range []struct {
		path   string
		values []any
	}{
		{"", []any{id, -id, float32(1 << 24), float64(math.MaxInt64), 1 << 53 * 1.0, math.MaxFloat64, &id, sql.NullFloat64{Float64: id, Valid: true}}},
		{" at /a~1b/1/id", []any{decoded, row(decoded)}},
		{" at /1", []any{[]any{1.5, id}, []float64{1.5, id}, [2]float64{1, id}, []float32{1.5, 1 << 25}, []*float64{nil, &id}, row([]any{1, id})}},
		{" at /a", []any{map[string]any{"a": id}, map[string]float64{"a": id}, map[string]*any{"a": ptr[any](id)}, row(map[string]any{"a": id})}},
		{" at /1", []any{map[int]any{1: id}, map[int]float64{1: id}, map[level]float64{}}},
		{" at /count", []any{measured{Count: id}, &measured{Count: id}, embeds{measured: measured{Count: id}}, row(embeds{measured: measured{Count: id}})}},
		{" at /quoted", []any{embeds{Quoted: id}}},
		{" at /0/x/count", []any{[]map[string]measured{{"x": {Count: id}}}, []any{map[string]any{"x": embeds{measured: measured{Count: id}}}}}},
	} {
		for _, v := range test.values {
			if m, empty := v.(map[level]float64); empty {
				assert.NoError(t, oneOf(schema.TypeJSON).Check(asRow(m), schema.Full))
				continue
			}
			err := oneOf(schema.TypeJSON).Check(asRow(v), schema.Full)
			var rowErr *schema.RowError
			if assert.ErrorAs(t, err, &rowErr, "%T %v", v, v) {
				assert.Regexp(t, `^table s\.t, column v: want JSON, got float(32|64)`+strings.ReplaceAll(test.path, "~", "~")+`: an integer of 2\^(24|53) or more may already have lost digits: decode it as `, err.Error())
				assert.Equal(t, strings.TrimPrefix(test.path, " at "), rowErr.Path)
			}
		}
	}
	exact := float64(1<<53 - 1)
	n, _ := new(big.Int).SetString("12345678901234567890", 10)
	for _, v := range []any{
		exact, -exact, 0.1, math.Copysign(0, -1), 1e-300, 4503599627370495.5, float32(1<<24 - 1), float32(0.1), []float64{exact}, measured{Count: exact},
		embeds{measured{Count: exact}, 0.5}, map[int]float64{1: exact}, int64(math.MaxInt64), uint64(math.MaxUint64), n, map[string]any{"a": []any{n, uint64(math.MaxUint64)}},
		json.Number("12345678901234567890.10"), map[string]any{"a": json.Number("9007199254740993")}, json.RawMessage(`[9007199254740993]`),
		raw(`{"a":12345678901234567890.10}`), raw(`1e300`), struct {
			measured
			Skipped float64 `json:"-"`
			hidden  float64
		}{Skipped: id, hidden: id},
	} {
		assert.NoError(t, oneOf(schema.TypeJSON).Check(asRow(v), schema.Full), "%T %v", v, v)
	}
}

func ptr[T any](v T) *T { return &v }

func TestAFloatThatMayHaveLostDigitsIsRefusedInAnIntegerColumn(t *testing.T) {
	for typ, values := range map[schema.Type][]any{
		schema.TypeLong: {float64(1 << 53), -float64(1 << 53), float64(1 << 62), float32(1 << 24), row(float64(1 << 53))},
		schema.TypeInt:  {float32(1 << 24), row(float32(-1 << 30))},
	} {
		for _, v := range values {
			assert.ErrorContains(t, oneOf(typ).Check(asRow(v), schema.Full), "may already have lost digits", "%v %T %v", typ, v, v)
		}
	}
	assert.ErrorContains(t, oneOf(schema.TypeShort).Check(asRow(float32(1<<24)), schema.Full), "it needs more than 16 bits")
	assert.ErrorContains(t, oneOf(schema.TypeLong).Check(asRow(1e19), schema.Full), "it needs more than 64 bits")
	for _, v := range []any{float64(1<<53 - 1), float32(1<<24 - 1)} {
		assert.NoError(t, oneOf(schema.TypeLong).Check(asRow(v), schema.Full))
	}
}

func TestThePathInAnErrorIsShort(t *testing.T) {
	v := any(1e17)
	for range 500 {
		v = map[string]any{strings.Repeat("ö", 30): v}
	}
	err := oneOf(schema.TypeJSON).Check(asRow(v), schema.Full)
	assert.ErrorContains(t, err, "may already have lost digits")
	assert.Less(t, len(err.Error()), 500)
	assert.NotContains(t, err.Error(), "\uFFFD")
	err = oneOf(schema.TypeJSON).Check(asRow(map[string]any{"a\nb": 1e17}), schema.Full)
	assert.ErrorContains(t, err, `at "/a\nb"`)
}
