package schema_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// A plainForms is one value as a value of a map, which is written without a fast path, as
// a cell and as a field of a struct.
type plainForms struct {
	value any
	add   func(r *schema.Row)
	field any // a struct with the value, or nil
}

type field[T any] struct {
	V T `json:"v"`
}

func formsOf[T any](v T, add func(*schema.Row, T)) plainForms {
	return plainForms{v, func(r *schema.Row) { add(r, v) }, &field[T]{v}}
}

// FuzzPlainValues compares the cells and the fields of structs with the values of maps, in
// a column of each type that accepts null or does not, and with both policies.
func FuzzPlainValues(f *testing.F) {
	for _, text := range []string{
		"a", "", "1.50", "-12345.678", "1e5", "NaN", "Größe\u2028", "\xff", "2026-01-02T03:04:05Z", "2026-01-02", "aGk=", `{"a":[1,"b"]}`, " [1] ", "[1,\n2]", "null", `"x"`, "tru",
	} {
		f.Add(text, int64(1), 0.5, int64(1767323045), byte(0))
		f.Add(text, int64(math.MinInt64), 3.5e38, int64(-62135596800), byte(1))
		f.Add(text, int64(40_000), math.NaN(), int64(253402300800), byte(2))
		f.Add(text, int64(-3_000_000_000), math.Inf(1), int64(-62167219201), byte(3))
		f.Add(text, int64(0), math.Copysign(0, -1), int64(0), byte(6))
	}
	f.Fuzz(func(t *testing.T, s string, i int64, fl float64, seconds int64, options byte) {
		at := time.Unix(seconds, i&0x3fffffff)
		values := []plainForms{
			formsOf(s, (*schema.Row).Text), formsOf(schema.Decimal(s), (*schema.Row).Decimal), formsOf(i, (*schema.Row).Int), formsOf(fl, (*schema.Row).Float), formsOf(i > 0, (*schema.Row).Bool),
			formsOf(at.UTC(), (*schema.Row).Time), formsOf(at.In(time.FixedZone("", 3600)), (*schema.Row).Time), formsOf(time.Time{}, (*schema.Row).Time), {nil, (*schema.Row).Null, nil},
			{json.RawMessage(s), func(r *schema.Row) { r.JSON([]byte(s)) }, nil}, {[]byte(s), func(r *schema.Row) { r.Bytes([]byte(s)) }, nil},
			formsOf(int32(i), func(r *schema.Row, v int32) { r.Int(int64(v)) }), formsOf(int(i), func(r *schema.Row, v int) { r.Int(int64(v)) }), {s, func(r *schema.Row) { r.Text(s) }, &field[*string]{&s}},
		}
		for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
			column := schema.Column{Name: "v", Type: typ, PrimaryKey: options&1 != 0}
			if options&4 != 0 && typ == schema.TypeDecimal {
				column.Precision, column.Scale = 6, 2
			}
			table := &schema.Table{Name: "t", Columns: []schema.Column{column}}
			if options&2 != 0 {
				table.Unfit = schema.NullUnfit
			}
			cells := newRow(t, table)
			for _, v := range values {
				byMap := schema.NewEncoder(table, nil)
				want, wantErr := byMap.Append(nil, map[string]any{"v": v.value}, schema.Full)
				cells.Reset()
				v.add(cells)
				for _, row := range []any{cells, v.field} {
					if row == nil {
						continue
					}
					e := schema.NewEncoder(table, nil)
					got, err := e.Append(nil, row, schema.Full)
					if err != nil && strings.Contains(err.Error(), "it is the type of the field") {
						continue // no value of the type fits
					}
					require.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
					if row == cells && err != nil {
						require.Equal(t, problemOf(t, wantErr), problemOf(t, err))
					}
					require.Equal(t, string(want), string(got), "%v %#v %T", typ, v.value, row)
					require.Equal(t, byMap.Replaced(), e.Replaced())
					require.Len(t, e.Nulled(), len(byMap.Nulled()))
				}
			}
		}
	})
}

// problemOf returns the error without what it calls the value.
func problemOf(t *testing.T, err error) schema.RowError {
	t.Helper()
	var problem *schema.RowError
	require.ErrorAs(t, err, &problem)
	return schema.RowError{Table: problem.Table, Column: problem.Column, Want: problem.Want, Problem: problem.Problem}
}

// FuzzInteger compares integers with those that package strconv writes.
func FuzzInteger(f *testing.F) {
	for n := uint64(1); n < 1e19; n *= 10 {
		f.Add(n-1, uint8(3))
		f.Add(n, uint8(16))
	}
	f.Add(uint64(math.MaxUint64), uint8(0))
	table := oneOf(schema.TypeDouble)
	e := schema.NewEncoder(table, nil)
	cells := newRow(f, table)
	f.Fuzz(func(t *testing.T, n uint64, shift uint8) {
		for _, v := range []uint64{n, n >> (shift % 64), -n, n % 1e8, n % 1e16, n / 1e8} {
			for _, dst := range [][]byte{nil, make([]byte, 1, 100)} { // with and without room
				got, err := e.Append(dst, row(v), schema.Full)
				require.NoError(t, err)
				require.Equal(t, string(dst)+`{"v":`+strconv.FormatUint(v, 10)+`}`, string(got))
				cells.Reset()
				cells.Int(int64(v))
				got, err = e.Append(dst, cells, schema.Full)
				require.NoError(t, err)
				require.Equal(t, string(dst)+`{"v":`+strconv.FormatInt(int64(v), 10)+`}`, string(got))
			}
		}
	})
}
