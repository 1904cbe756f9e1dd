package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/schema"
)

// everyType returns a table with a column of each type. The name of a column is
// the name of its type in lower case.
func everyType() *schema.Table {
	table := &schema.Table{Schema: "shop", Name: "orders"}
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		table.Columns = append(table.Columns, schema.Column{Name: strings.ToLower(typ.String()), Type: typ})
	}
	return table
}

// describe returns the kind and the value of a cell.
func describe(c *schema.Cell) string {
	switch c.Kind {
	case schema.CellMisfit:
		return "misfit " + string(c.Raw)
	case schema.CellNull:
		return "null"
	case schema.CellBool:
		return fmt.Sprint("bool ", c.Bool)
	case schema.CellInt:
		return fmt.Sprint("int ", c.Int)
	case schema.CellFloat:
		return fmt.Sprint("float ", c.Float)
	case schema.CellText:
		return "text " + c.Text()
	case schema.CellBytes:
		return fmt.Sprintf("bytes %x", c.Bytes)
	case schema.CellJSON:
		return "json " + c.Text()
	}
	return fmt.Sprint("kind ", c.Kind)
}

func TestEachCellHasAValueOfItsColumnsType(t *testing.T) {
	r := schema.NewRowReader(everyType())
	for column, values := range map[string]map[string]string{
		"boolean": {`true`: "bool true", `false`: "bool false"},
		"short":   {`-32768`: "int -32768", `32767`: "int 32767", `-0`: "int 0"},
		"int":     {`-2147483648`: "int -2147483648", `2147483647`: "int 2147483647"},
		"long":    {`9007199254740993`: "int 9007199254740993", `-9223372036854775808`: "int -9223372036854775808", `9223372036854775807`: "int 9223372036854775807"},
		"float":   {`0.1`: fmt.Sprint("float ", float64(float32(0.1))), `1e38`: fmt.Sprint("float ", float64(float32(1e38))), `3`: "float 3"},
		"double":  {`0.1`: "float 0.1", `-1.5E+300`: "float -1.5e+300", `9007199254740993`: "float 9.007199254740992e+15"},
		"decimal": {
			`"19.90"`: "text 19.90", `19.90`: "text 19.90", `1e400`: "text 1e400", `"+.5"`: "text +.5", `"\u0031"`: "text 1",
			`"123456789012345678901234567890.10"`: "text 123456789012345678901234567890.10",
		},
		"naive_date":     {`"2026-01-31"`: "text 2026-01-31", `"2024-02-29"`: "text 2024-02-29", `"2026\u002d01-31"`: "text 2026-01-31"},
		"naive_datetime": {`"2026-01-31T23:59:59.10"`: "text 2026-01-31T23:59:59.10", `"2026-01-31 23:59:59"`: "text 2026-01-31 23:59:59"},
		"utc_datetime": {
			`"2026-01-31T23:59:59.1234567890123Z"`: "text 2026-01-31T23:59:59.1234567890123Z",
			`"2026-01-31T23:59:59+02:00"`:          "text 2026-01-31T23:59:59+02:00", `"2024-02-29T00:00:00Z"`: "text 2024-02-29T00:00:00Z",
		},
		"binary": {`""`: "bytes ", `"AP8="`: "bytes 00ff", `"\u0041P8="`: "bytes 00ff", `"AP\n8="`: "bytes 00ff"},
		"xml":    {`"<a b=\"1\"/>"`: `text <a b="1"/>`},
		"string": {`""`: "text ", `"é\u00e9\ud83d\ude00\n"`: "text éé😀\n", `1.50`: "text 1.50", `true`: "text true", `{"a": [1]}`: `text {"a": [1]}`},
		"json":   {`{"a": [1.50, {}]}`: `json {"a": [1.50, {}]}`, `"x"`: `json "x"`, `9007199254740993`: "json 9007199254740993", `[]`: "json []", `false`: "json false", `{"a":1,"a":2}`: `json {"a":1,"a":2}`},
		// The column is not declared, so the JSON of the value determines the
		// type.
		"other": {
			`true`: "bool true", `9223372036854775807`: "int 9223372036854775807", `9223372036854775808`: "text 9223372036854775808", `1.5`: "float 1.5",
			`1e400`: "text 1e400", `"x"`: "text x", `{"a":1}`: `json {"a":1}`,
		},
	} {
		values[`null`] = "null"
		for value, want := range values {
			for _, layout := range []string{`{%q:%s}`, " { %q : %s } \n", `{"a":1,%q:%s}`} {
				row := fmt.Sprintf(layout, column, value)
				cells, err := r.Read([]byte(row))
				require.NoError(t, err, row)
				cell := &cells[len(cells)-1]
				assert.Equal(t, want, describe(cell), row)
				assert.Equal(t, column, cell.Name)
				assert.Equal(t, value, string(cell.Raw))
				if column == "other" {
					assert.Equal(t, -1, cell.Column)
					assert.Equal(t, cell.Inferred(), cell.Type)
				} else {
					assert.Equal(t, column, strings.ToLower(cell.Type.String()))
					assert.Equal(t, int(cell.Type-1), cell.Column)
				}
			}
		}
	}
}

func TestAValueThatDoesNotFitItsColumnIsReportedButNotShown(t *testing.T) {
	r := schema.NewRowReader(everyType())
	for column, values := range map[string]map[string]string{
		"boolean": {`1`: "number", `"true"`: "string"},
		"short":   {`32768`: "number: it needs more than 16 bits", `-32769`: "number: it needs more than 16 bits", `"7"`: "string", `7.5`: "number: it has a fraction"},
		"int":     {`2147483648`: "number: it needs more than 32 bits", `true`: "bool"},
		"long":    {`9223372036854775808`: "number: it needs more than 64 bits: declare the column DECIMAL", `1e-3`: "number: it has a fraction", `{}`: "object"},
		"float":   {`1e39`: "number: it is out of the range of a 32-bit float", `"1"`: "string"},
		"double":  {`1e400`: "number: it is out of the range of a 64-bit float", `[]`: "array"},
		"decimal": {`"a lot"`: "string: it is not a decimal number", `true`: "bool", `""`: "string: it is not a decimal number"},

		"naive_date":     {`"2026-02-29"`: "string: it is not a date or time of this type", `20260101`: "number", `"2026-01-01T00:00:00Z"`: "string: it is not a date or time of this type"},
		"naive_datetime": {`"2026-01-01"`: "string: it is not a date or time of this type", `"2026-01-01T24:00:00"`: "string: it is not a date or time of this type", `"2026-01-01T00:00:00Z"`: "string: it is not a date or time of this type", `"2026-01-01 00:00:00,5"`: "string: it is not a date or time of this type"},
		"utc_datetime":   {`"2026-01-01T00:00:00"`: "string: it is not a date or time of this type", `"2026-01-01T00:00:00,5Z"`: "string: it is not a date or time of this type", `"2026-01-01T1:00:00Z"`: "string: it is not a date or time of this type", `1767225600`: "number"},
		"binary":         {`"AP8"`: "string: want standard base64 with padding", `7`: "number"},
	} {
		for value, got := range values {
			cells, err := r.Read(fmt.Appendf(nil, `{"string":"before",%q:%s,"xml":"after"}`, column, value))
			assert.EqualError(t, err, fmt.Sprintf("table shop.orders, column %s: want %s, got %s", column, strings.ToUpper(column), got))
			var wrong *schema.RowError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, column, wrong.Column)
			require.Len(t, cells, 3, "the other cells are returned")
			assert.Equal(t, []string{"text before", "misfit " + value, "text after"}, []string{describe(&cells[0]), describe(&cells[1]), describe(&cells[2])})
		}
	}
	_, err := r.Read([]byte(`{"short":"x","int":"y"}`))
	assert.ErrorContains(t, err, "column short", "the first misfit is reported")
}

func TestARowThatIsNotAJSONObjectIsRejected(t *testing.T) {
	r := schema.NewRowReader(everyType())
	for _, row := range []string{
		``, ` `, `{`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a" 1}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":1}}`, `{"a":1} x`, `{"a":1}{"a":1}`,
		`{"a":nul}`, `{"a":nullx}`, `{"a":tru`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1e+}`, `{"a":+1}`, `{"a":NaN}`, `{"a":--1}`,
		"{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", "{\"\xff\":1}", `{"a":"\x"}`, `{"a":"\ud800"}`, `{"a":"\u12"}`, `{"a":"\`, `{"json":"\x"}`, `{"\x":1}`,
		`{"a":[}`, `{"a":[1,]}`, `{"a":{"b":}}`, `{"a":{"b":1]}`, `{"a":["\x"]}`, "{\"a\":[\"\xff\"]}", `{"a":[`, `{"a":["`, `{"a":]}`,
	} {
		_, err := r.Read([]byte(row))
		assert.EqualError(t, err, "table shop.orders: got raw JSON: the row is not valid JSON", row)
	}
	for row, got := range map[string]string{`[]`: "array", ` "x" `: "string", `1`: "number", `null`: "null", `true`: "bool"} {
		_, err := r.Read([]byte(row))
		assert.EqualError(t, err, "table shop.orders: got "+got+": a raw JSON row must be an object", row)
	}
	for _, row := range []string{`{}`, " {\t} \r\n"} {
		cells, err := r.Read([]byte(row))
		require.NoError(t, err)
		assert.Empty(t, cells)
	}
}

func TestADuplicateColumnIsAnErrorUnlessItIsAllowed(t *testing.T) {
	r := schema.NewRowReader(everyType())
	for _, row := range []string{`{"long":1,"string":"x","long":2}`, `{"long":1,"\u006cong":2}`} {
		cells, err := r.Read([]byte(row))
		assert.EqualError(t, err, "table shop.orders, column long: got number: the row has the column twice")
		assert.EqualValues(t, 2, cells[len(cells)-1].Int)
	}
	_, err := r.Read([]byte(`{"other":1,"Other":2,"other":3}`))
	assert.EqualError(t, err, "table shop.orders, column other: got number: the row has the column twice")
	_, err = r.Read([]byte(`{"long":1,"other":1,"Other":2}`))
	require.NoError(t, err, "columns of the previous row do not count")
	r.AllowDuplicates = true
	cells, err := r.Read([]byte(`{"long":1,"other":1,"long":2,"other":2}`))
	require.NoError(t, err)
	assert.Len(t, cells, 4)
}

func TestDateAndTimeCellsConvertToTimes(t *testing.T) {
	r := schema.NewRowReader(everyType())
	cells, err := r.Read([]byte(`{"naive_date":"2026-01-31","naive_datetime":"2026-01-31 23:59:59.5","utc_datetime":"2026-01-31T23:59:59.1234567899+01:00","string":"2026-01-31"}`))
	require.NoError(t, err)
	for i, want := range []time.Time{
		time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 1, 31, 23, 59, 59, 500_000_000, time.UTC),
		time.Date(2026, 1, 31, 22, 59, 59, 123_456_789, time.UTC),
	} {
		at, err := cells[i].Time()
		require.NoError(t, err)
		assert.True(t, want.Equal(at), "%v", at)
	}
	_, err = cells[3].Time()
	assert.EqualError(t, err, "schema: column string of type STRING has no date or time")
	cells, err = r.Read([]byte(`{"utc_datetime":null}`))
	require.NoError(t, err)
	_, err = cells[0].Time()
	assert.Error(t, err)
	var zero schema.Cell
	_, err = zero.Time()
	assert.Error(t, err)
	assert.Zero(t, zero.Inferred())
}

func TestARowIsReadWithoutAllocation(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector allocates")
	}
	table := schema.TableOf[benchRow]("orders")
	row, err := schema.NewEncoder(&table, nil).Append(nil, newBenchRow(), schema.Full)
	require.NoError(t, err)
	row = append(row[:len(row)-1], `,"other":"a\nb","bytes":"x","more":{"a":1}}`...)
	r := schema.NewRowReader(&table)
	_, err = r.Read(row)
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := r.Read(row); err != nil {
			t.Error(err)
		}
	}))
}

func TestDecodedCellsOfARowDoNotOverlap(t *testing.T) {
	table := &schema.Table{Name: "t"}
	row := []byte(`{`)
	for i := range 300 {
		table.Columns = append(table.Columns, schema.Column{Name: fmt.Sprint("c", i), Type: []schema.Type{schema.TypeBinary, schema.TypeString}[i%2]})
		value, err := json.Marshal([]byte(strings.Repeat(fmt.Sprint(i), i)))
		require.NoError(t, err)
		if i%2 == 1 {
			value, err = json.Marshal(strings.Repeat(fmt.Sprint(i, "\n"), i))
			require.NoError(t, err)
		}
		row = fmt.Appendf(row, `"c%d":%s,`, i, value)
	}
	row[len(row)-1] = '}'
	r := schema.NewRowReader(table)
	for range 3 {
		cells, err := r.Read(row)
		require.NoError(t, err)
		for i := range cells {
			want := strings.Repeat(fmt.Sprint(i), i)
			if i%2 == 1 {
				want = strings.Repeat(fmt.Sprint(i, "\n"), i)
			}
			require.Equal(t, want, cells[i].Text())
		}
	}
}

func TestEndlessUndeclaredNamesAreRead(t *testing.T) {
	r := schema.NewRowReader(everyType())
	for i := range 5000 {
		cells, err := r.Read(fmt.Appendf(nil, `{"long":1,"c%d":%d}`, i, i))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("c", i), cells[1].Name)
		require.EqualValues(t, i, cells[1].Int)
	}
}

func BenchmarkRead(b *testing.B) {
	table := schema.TableOf[benchRow]("orders")
	row, err := schema.NewEncoder(&table, nil).Append(nil, newBenchRow(), schema.Full)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("cells", func(b *testing.B) {
		r := schema.NewRowReader(&table)
		b.SetBytes(int64(len(row)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Read(row); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(row)))
		b.ReportAllocs()
		for b.Loop() {
			var members map[string]json.RawMessage
			if err := json.Unmarshal(row, &members); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestADecimalBeyondItsPrecisionOrScaleIsAMisfit(t *testing.T) {
	table := &schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeDecimal, Precision: 5, Scale: 2}}}
	r := schema.NewRowReader(table)
	for row, want := range map[string]string{
		`{"v":"999.99"}`: "", `{"v":1.500}`: "", `{"v":null}`: "", `{"undeclared":"1000"}`: "",
		`{"v":"1000"}`: "it has 4 digits before the decimal point, and DECIMAL(5,2) allows 3", `{"v":0.001}`: "it has 3 digits after the decimal point, and DECIMAL(5,2) allows 2",
	} {
		cells, err := r.Read([]byte(row))
		require.Len(t, cells, 1)
		if want == "" {
			assert.NoError(t, err, row)
			assert.NotEqual(t, schema.CellMisfit, cells[0].Kind)
			continue
		}
		assert.ErrorContains(t, err, want)
		assert.Equal(t, schema.CellMisfit, cells[0].Kind)
		assert.Nil(t, cells[0].Bytes)
	}
}
