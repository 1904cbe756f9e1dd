package schema_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// FuzzFloat compares floats with those that encoding/json writes.
func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 0.3, 1e-6, 9.99e-7, 1e-9, 0.123456789, 0.1234567891, 999999.999999999, 1e6, 1234567.89, 1e15, 1e15 - 1, 1e21, 1.0 / 3, 123456.000000001, math.MaxFloat64, math.SmallestNonzeroFloat64, 1<<53 - 1} {
		f.Add(v, int64(v))
	}
	table := oneOf(schema.TypeDouble)
	e := schema.NewEncoder(table, nil)
	f.Fuzz(func(t *testing.T, v float64, n int64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		candidates := []float64{v, -v, math.Trunc(v), math.Mod(v, 1e6), float64(n), float64(n % 1e15)}
		for scale := 1.0; scale <= 1e12; scale *= 10 { // numbers with few digits, and their neighbours
			x := float64(n%1e15) / scale
			candidates = append(candidates, x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, math.Inf(-1)))
		}
		for _, x := range candidates {
			want, err := json.Marshal(x)
			require.NoError(t, err)
			got, err := e.Append(nil, row(x), schema.Full)
			require.NoError(t, err)
			require.Equal(t, `{"v":`+string(want)+`}`, string(got))
		}
	})
}
