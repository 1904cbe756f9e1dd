package schema_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// A typed is a row with a field for each column type and for some other Go
// types.
type typed struct {
	Bool   bool           `json:"bool"`
	Short  int16          `json:"short"`
	Int    int32          `json:"int"`
	Long   int64          `json:"long"`
	Float  float32        `json:"float"`
	Double float64        `json:"double"`
	Dec    schema.Decimal `json:"dec"`
	Big    big.Int        `json:"big"`
	At     time.Time      `json:"at"`
	Day    string         `json:"day" schema:"type=NAIVE_DATE"`
	Naive  time.Time      `json:"naive" schema:"type=NAIVE_DATETIME"`
	Bytes  []byte         `json:"bytes"`
	Text   string         `json:"text"`
	XML    string         `json:"xml" schema:"type=XML"`
	Any    any            `json:"any"`
	Null   *int64         `json:"null"`
}

func FuzzRowReader(f *testing.F) {
	f.Add(true, int64(9007199254740993), 0.1, "text \"\\ \u2028\n", []byte{0, 255}, int64(1767225600), uint32(5), []byte(`{"long": 1, "text":"\u00e9" ,"other":[1,{}],"dec":1.50}`))
	f.Add(false, int64(math.MinInt64), math.MaxFloat64, "\xff", []byte(nil), int64(-62135596800), uint32(999999999), []byte(`{"at":"2026-01-01T00:00:00+01:00","bytes":"AP8=","day":"2024-02-29","long":1,"long":1}`))
	f.Add(true, int64(2), 0.5, "", []byte{}, int64(-62135596800), uint32(0), []byte(`{"at":"0001-01-01T00:00:00Z"}`)) // the zero time is null
	f.Add(false, int64(-1), math.Copysign(0, -1), "", []byte{}, int64(253402300799), uint32(0), []byte(`{"a":"\ud800"}`))
	f.Fuzz(func(t *testing.T, yes bool, n int64, x float64, text string, data []byte, seconds int64, nanos uint32, raw []byte) {
		table := schema.TableOf[typed]("typed")
		r := schema.NewRowReader(&table)

		// Any row that can be read has the cells that encoding/json finds in
		// it.
		cells, err := r.Read(slices.Clone(raw))
		var members map[string]json.RawMessage
		if err == nil {
			require.NoError(t, json.Unmarshal(raw, &members))
			require.Len(t, cells, len(members))
			for i := range cells {
				require.NotEqual(t, schema.CellMisfit, cells[i].Kind)
				require.Equal(t, string(members[cells[i].Name]), string(cells[i].Raw))
				_, _ = cells[i].Time()
			}
		}

		at := time.Unix(seconds, int64(nanos%1e9)).UTC()
		if math.IsNaN(x) || math.IsInf(x, 0) || at.Year() < 0 || at.Year() > 9999 {
			return
		}
		row := &typed{
			Bool: yes, Short: int16(n), Int: int32(n), Long: n, Float: float32(n), Double: x, Dec: schema.Decimal(fmt.Sprintf("%d.%d0", n, nanos)),
			At: at, Day: at.Format(time.DateOnly), Naive: at, Bytes: data, Text: text, XML: text, Any: map[string]any{"a": text, "b": n},
		}
		row.Big.Lsh(big.NewInt(n), uint(nanos%200))
		line, err := schema.NewEncoder(&table, nil).Append(nil, row, schema.Full)
		require.NoError(t, err)
		cells, err = r.Read(line)
		require.NoError(t, err)
		require.Len(t, cells, len(table.Columns))
		byName := map[string]*schema.Cell{}
		for i := range cells {
			byName[cells[i].Name] = &cells[i]
		}
		require.Equal(t, yes, byName["bool"].Bool)
		require.EqualValues(t, row.Short, byName["short"].Int)
		require.EqualValues(t, row.Int, byName["int"].Int)
		require.Equal(t, n, byName["long"].Int)
		require.Equal(t, math.Float32bits(row.Float), math.Float32bits(float32(byName["float"].Float)))
		require.Equal(t, math.Float64bits(x), math.Float64bits(byName["double"].Float))
		require.EqualValues(t, row.Dec, byName["dec"].Text())
		require.Equal(t, row.Big.String(), byName["big"].Text())
		for _, name := range []string{"at", "naive"} {
			if at.IsZero() {
				require.Equal(t, schema.CellNull, byName[name].Kind)
				continue
			}
			got, err := byName[name].Time()
			require.NoError(t, err)
			require.True(t, at.Equal(got), "%v %v", at, got)
		}
		require.Equal(t, row.Day, byName["day"].Text())
		if data != nil {
			require.Equal(t, schema.CellBytes, byName["bytes"].Kind)
			require.Equal(t, string(data), string(byName["bytes"].Bytes))
		} else {
			require.Equal(t, schema.CellNull, byName["bytes"].Kind)
		}
		valid := string([]rune(text)) // each byte that is not UTF-8 becomes U+FFFD
		require.Equal(t, valid, byName["text"].Text())
		require.Equal(t, valid, byName["xml"].Text())
		var nested struct {
			A string `json:"a"`
			B int64  `json:"b"`
		}
		require.NoError(t, json.Unmarshal(byName["any"].Bytes, &nested))
		require.Equal(t, valid, nested.A)
		require.Equal(t, n, nested.B)
		require.Equal(t, schema.CellNull, byName["null"].Kind)
	})
}
