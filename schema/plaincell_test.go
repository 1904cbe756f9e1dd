package schema_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// readBoth reads a value of a column from a row in the canonical form, and from one with white
// space, which is read in another way. Both must agree.
func readBoth(t *testing.T, c schema.Column, value string) (schema.Cell, error) {
	t.Helper()
	r := schema.NewRowReader(&schema.Table{Name: "t", Columns: []schema.Column{c, {Name: "z", Type: schema.TypeLong}}})
	var first schema.Cell
	var firstErr error
	for i, format := range []string{`{ %q : %s }`, `{%q:%s}`, `{%q:%s,"z":1}`, `{%q:%s,"y":"a","z":1}`} {
		cells, err := r.Read(fmt.Appendf(nil, format, c.Name, value))
		if i == 0 {
			firstErr = err
			if len(cells) > 0 {
				first = cells[0]
			}
			continue
		}
		if (err == nil) != (firstErr == nil) || err != nil && err.Error() != firstErr.Error() {
			t.Fatalf("%s in %s: %v, want %v", value, format, err, firstErr)
		}
		if len(cells) == 0 {
			require.Empty(t, first.Raw)
			continue
		}
		cell := cells[0]
		same := first.Name == cell.Name && first.Column == cell.Column && first.Type == cell.Type && first.Kind == cell.Kind &&
			first.Bool == cell.Bool && first.Int == cell.Int && first.Float == cell.Float && string(first.Raw) == string(cell.Raw) &&
			(first.Kind == schema.CellBytes || string(first.Bytes) == string(cell.Bytes))
		if !same {
			t.Fatalf("%s in %s: %+v, want %+v", value, format, cell, first)
		}
	}
	return first, firstErr
}

func TestRowReaderReadsAValueAlikeWhereverItIs(t *testing.T) {
	var values []string
	const digits = "98765432109876543210"
	for n := 1; n < len(digits); n++ {
		values = append(values, digits[:n], "1"+strings.Repeat("0", n-1), "0"+digits[:n], "-"+digits[:n], digits[:n]+"e1", digits[:n]+".50", digits[:n]+"x")
		for point := 0; point <= min(n, 9); point++ {
			number := digits[:point] + "." + digits[point:n]
			values = append(values, number, strconv.Quote(number), strconv.Quote("-"+number), strconv.Quote(number+"."), strconv.Quote(number+"e2"))
		}
		values = append(values, strconv.Quote(digits[:n]), strconv.Quote(digits[:n]+"x"), strconv.Quote(digits[:n]+"é"), `"`+digits[:n]+`\n"`, `"`+digits[:n]+"\x01\"", `"`+digits[:n]+"\xff\"")
	}
	values = append(values, "null", "nul", "true", "false", "0", "-0", "32767", "32768", "-32768", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
		`""`, `"."`, `"2024-02-29"`, `"2023-02-29"`, `"2024-00-01"`, `"2024-13-01"`, `"2024-04-31"`, `"2024-02-29T23:59:59"`, `"2024-02-30T23:59:59"`, `"2024-02-29T24:00:00"`,
		`"2024-02-29T23:59:59Z"`, `"2024-02-29T23:59:59.123Z"`, `"2024-02-29T23:59:59+00:00"`, `"2024-02-29T23:59:59+02:00"`, `"2024-02-29 23:59:59"`, `"2024-02-29T23:59:59.Z"`,
		`{}`, `[]`, `{"a":[1,"b",{}]}`, `[1,]`, `[1, 2]`, `"AP8="`, `"AP8"`)
	for typ := schema.Type(0); typ <= schema.TypeJSON; typ++ {
		for _, c := range []schema.Column{{Name: "a", Type: typ}, {Name: "member", Type: typ}, {Name: "a longer name", Type: typ}, {Name: "the name of a wide column", Type: typ}} {
			for _, value := range values {
				_, _ = readBoth(t, c, value)
			}
			if typ == schema.TypeDecimal {
				c.Precision, c.Scale = 6, 2
				for _, value := range values {
					_, _ = readBoth(t, c, value)
				}
			}
		}
	}
}

func TestRowReaderReadsIntegersOfAnyLength(t *testing.T) {
	for n := 1; n < 19; n++ {
		digits := "123456789012345678"[:n]
		want, err := strconv.ParseInt(digits, 10, 64)
		require.NoError(t, err)
		cell, err := readBoth(t, schema.Column{Name: "n", Type: schema.TypeLong}, digits)
		require.NoError(t, err)
		require.Equal(t, want, cell.Int)
	}
}
