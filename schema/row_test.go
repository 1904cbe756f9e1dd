package schema_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/schema"
)

// columnOfEachType has a column of each type. The names are those of the types.
func columnOfEachType(t testing.TB) *schema.Table {
	t.Helper()
	table := &schema.Table{Schema: "s", Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		table.Columns = append(table.Columns, schema.Column{Name: typ.String(), Type: typ})
	}
	require.NoError(t, table.Validate())
	return table
}

func newRow(t testing.TB, table *schema.Table, columns ...string) *schema.Row {
	t.Helper()
	r, err := schema.NewRow(table, columns...)
	require.NoError(t, err)
	return r
}

func TestTheTimeForANewRowIsLinearInTheNumberOfItsColumns(t *testing.T) {
	growth.AssertLinear(t, 1000, func(columns int) func() {
		table := &schema.Table{Name: "wide"}
		for n := range columns {
			table.Columns = append(table.Columns, schema.Column{Name: fmt.Sprintf("column%06d", n), Type: schema.TypeLong})
		}
		return func() { newRow(t, table) }
	})
}

func TestTheCellsOfARowAreDeliveredInTheOrderOfTheDeclaration(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table, "STRING", "JSON", "id", "UTC_DATETIME", "DECIMAL", "BINARY", "BOOLEAN", "DOUBLE", "XML", "INT", "LONG")
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))
	data := []byte{0, 255}
	e := schema.NewEncoder(table, nil)
	for range 2 {
		r.Reset()
		r.Text("a\u2028")
		r.JSON([]byte(` {"a":[1]} `))
		r.Int(math.MinInt64)
		r.Time(at)
		r.Decimal("19.90")
		r.Bytes(data)
		data[0] = 1 // the row has a copy
		r.Bool(true)
		r.Float(0.5)
		r.Bytes([]byte("<a/>"))
		r.Null()
		r.Uint(math.MaxInt64)
		got, err := e.Append(nil, r, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"id":-9223372036854775808,"BOOLEAN":true,"INT":null,"LONG":9223372036854775807,"DOUBLE":0.5,"DECIMAL":"19.90",`+
			`"UTC_DATETIME":"2026-01-02T02:04:05.0000006Z","BINARY":"AP8=","XML":"<a/>","STRING":"a\u2028","JSON":{"a":[1]}}`, string(got))
		data[0] = 0
	}
	keys, err := e.Append(nil, r, schema.Keys)
	require.NoError(t, err)
	assert.Equal(t, `{"id":-9223372036854775808}`, string(keys))
}

func TestARowWithoutAListOfColumnsHasAllOfThem(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table)
	assert.Len(t, r.Columns(), len(table.Columns))
	assert.Equal(t, "id", r.Columns()[0])
}

func TestOmittedCellsAndDroppedColumnsAreNotPartOfTheRow(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table, "INT", "id", "STRING")
	r.Omit()
	r.Int(1)
	r.Text("a")
	got, err := schema.NewEncoder(table, nil).Append(nil, r, schema.Partial)
	require.NoError(t, err)
	assert.Equal(t, `{"id":1,"STRING":"a"}`, string(got))
	got, err = schema.NewEncoder(table, func(string) bool { return true }).Append(nil, r, schema.Full)
	require.NoError(t, err)
	assert.Equal(t, `{"id":1}`, string(got))
}

// rowError requires that the row does not fit and returns the error.
func rowError(t *testing.T, table *schema.Table, r *schema.Row, form schema.Form) *schema.RowError {
	t.Helper()
	var misfit *schema.RowError
	require.ErrorAs(t, table.Check(r, form), &misfit)
	return misfit
}

func TestARowWithTooFewOrTooManyCellsIsAnErrorThatNamesThePlace(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table, "id", "STRING")
	r.Int(1)
	err := rowError(t, table, r, schema.Full)
	assert.Equal(t, "STRING", err.Column)
	assert.ErrorContains(t, err, "1 of its 2 cells")
	r.Null()
	require.NoError(t, table.Check(r, schema.Full))
	r.Null()
	assert.EqualError(t, table.Check(r, schema.Full), "table s.t: got 3 cells: the row has 2 columns: append one cell for each of them (see NewRow), and call Reset before the first cell of each row")
	r.Reset()
	assert.ErrorContains(t, table.Check(r, schema.Full), "0 of its 2 cells")
	r.Int(1)
	r.Null()
	assert.NoError(t, table.Check(r, schema.Full))
}

func TestACellThatDoesNotFitIsAnErrorThatNamesItsColumn(t *testing.T) {
	table := columnOfEachType(t)
	for column, add := range map[string]func(*schema.Row){
		"BOOLEAN": func(r *schema.Row) { r.Int(1) }, "SHORT": func(r *schema.Row) { r.Int(40_000) }, "LONG": func(r *schema.Row) { r.Uint(math.MaxUint64) },
		"INT": func(r *schema.Row) { r.Text("1") }, "DOUBLE": func(r *schema.Row) { r.Float(math.NaN()) }, "DECIMAL": func(r *schema.Row) { r.Float(1.5) },
		"UTC_DATETIME": func(r *schema.Row) { r.Text("yesterday") }, "NAIVE_DATE": func(r *schema.Row) { r.Decimal("1") }, "BINARY": func(r *schema.Row) { r.Text("%") },
		"JSON": func(r *schema.Row) { r.JSON([]byte("{")) }, "STRING": func(r *schema.Row) { r.Value(struct{}{}) }, "XML": func(r *schema.Row) { r.Bool(true) },
	} {
		r := newRow(t, table, "id", column)
		r.Int(1)
		add(r)
		err := rowError(t, table, r, schema.Full)
		assert.Equal(t, column, err.Column)
		assert.Equal(t, column, err.Want.String())
	}
}

func TestARowMustHaveThePrimaryKey(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table, "STRING")
	r.Null()
	assert.Equal(t, "id", rowError(t, table, r, schema.Full).Column)
	r = newRow(t, table)
	r.Null()
	for range table.Columns[1:] {
		r.Omit()
	}
	assert.Equal(t, "id", rowError(t, table, r, schema.Keys).Column)
	assert.ErrorContains(t, table.Check((*schema.Row)(nil), schema.Full), "nil")
}

func TestColumnsOfARowMustBeDeclaredOnce(t *testing.T) {
	table := columnOfEachType(t)
	for columns, want := range map[[2]string]string{
		{"id", "nope"}: `does not declare column "nope"`, {"ID", "INT"}: `declares column "ID" as "id"`, {"id", "id"}: "twice",
	} {
		_, err := schema.NewRow(table, columns[:]...)
		assert.ErrorContains(t, err, want)
	}
	_, err := schema.NewRow(&schema.Table{Name: "open"})
	assert.ErrorContains(t, err, "declares no columns")
}

func TestARowFitsItsOwnTableOnlyAlsoAfterANewDeclaration(t *testing.T) {
	table := columnOfEachType(t)
	r := newRow(t, table, "id", "INT")
	r.Int(1)
	r.Int(2)
	other := *table
	other.Name = "other"
	assert.ErrorContains(t, other.Check(r, schema.Full), "table s.other: got a row of table s.t")

	wider := *table
	wider.Columns = []schema.Column{{Name: "INT", Type: schema.TypeDecimal}, {Name: "new", Type: schema.TypeString}, {Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	first := schema.NewEncoder(table, nil)
	for range 2 {
		got, err := first.Append(nil, r, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"id":1,"INT":2}`, string(got))
		got, err = schema.NewEncoder(&wider, nil).Append(nil, r, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"INT":"2","id":1}`, string(got))
	}
	narrower := *table
	narrower.Columns = table.Columns[:1]
	assert.ErrorContains(t, narrower.Check(r, schema.Full), "column INT: got a cell: the table has been declared without the column")
}

// A table that is declared during a sync need not name its schema.
func TestARowOfATableWithoutASchemaFitsTheTableOfThatName(t *testing.T) {
	table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong}}}
	r, err := schema.NewRow(&table)
	require.NoError(t, err)
	r.Int(1)
	declared := table
	declared.Schema = "s"
	assert.NoError(t, declared.Check(r, schema.Full))
	declared.Name = "other"
	assert.ErrorContains(t, declared.Check(r, schema.Full), "table s.other: got a row of table t")

	table.Schema = "s"
	r, err = schema.NewRow(&table)
	require.NoError(t, err)
	r.Int(1)
	declared.Name, declared.Schema = "t", "u"
	assert.ErrorContains(t, declared.Check(r, schema.Full), "table u.t: got a row of table s.t")
}

func TestBytesThatAreNotTextAreCounted(t *testing.T) {
	table := columnOfEachType(t)
	e := schema.NewEncoder(table, nil)
	r := newRow(t, table, "id", "STRING")
	r.Int(1)
	r.Bytes([]byte("a\xff"))
	got, err := e.Append(nil, r, schema.Full)
	require.NoError(t, err)
	assert.Equal(t, "{\"id\":1,\"STRING\":\"a\uFFFD\"}", string(got))
	assert.Equal(t, map[string]int{"STRING": 1}, e.Replaced())
}

// FuzzRow delivers the same values by cells and by a map, to a column of each type.
func FuzzRow(f *testing.F) {
	f.Add("a", []byte("b"), int64(1), uint64(2), 0.5, int64(3), true)
	f.Add("2026-01-02T03:04:05.10+02:00", []byte(`{"a": 1}`), int64(math.MinInt64), uint64(math.MaxUint64), math.NaN(), int64(1<<60), false)
	f.Add("1e5", []byte(nil), int64(40_000), uint64(1<<53), 1e300, int64(-62135596800), false)
	f.Add("aGk=", []byte("\xff\u2028"), int64(-1), uint64(0), float64(1<<53), int64(0), true)
	f.Add("", []byte("null"), int64(0), uint64(70_000), math.Copysign(0, -1), int64(253402300800), true)
	f.Add("NaN", []byte("[1,]"), int64(1<<40), uint64(7), math.Inf(1), int64(1), true)
	f.Fuzz(func(t *testing.T, s string, b []byte, i int64, u uint64, fl float64, seconds int64, yes bool) {
		at := time.Unix(seconds, i&0xffff).UTC()
		table := columnOfEachType(t)
		for _, c := range table.Columns[1:] {
			r := newRow(t, table, c.Name, "id")
			for _, v := range []struct {
				any any
				add func()
			}{
				{nil, r.Null}, {s, func() { r.Text(s) }}, {b, func() { r.Bytes(b) }}, {i, func() { r.Int(i) }}, {u, func() { r.Uint(u) }},
				{fl, func() { r.Float(fl) }}, {at, func() { r.Time(at) }}, {time.Time{}, func() { r.Time(time.Time{}) }}, {yes, func() { r.Bool(yes) }},
				{schema.Decimal(s), func() { r.Decimal(schema.Decimal(s)) }}, {json.RawMessage(b), func() { r.JSON(b) }}, {json.Number(s), func() { r.Value(json.Number(s)) }},
			} {
				r.Reset()
				v.add()
				r.Int(i)
				byMap, byCells := schema.NewEncoder(table, nil), schema.NewEncoder(table, nil)
				want, wantErr := byMap.Append(nil, map[string]any{"id": i, c.Name: v.any}, schema.Full)
				got, err := byCells.Append(nil, r, schema.Full)
				require.Equal(t, string(want), string(got), "%v %#v", c.Type, v.any)
				require.Equal(t, wantErr == nil, err == nil, "%v %#v: %v, %v", c.Type, v.any, wantErr, err)
				require.Equal(t, byMap.Replaced(), byCells.Replaced())
				if err != nil {
					var misfit *schema.RowError
					require.ErrorAs(t, err, &misfit)
					require.Equal(t, c.Name, misfit.Column)
				}
			}
		}
	})
}

func TestARowThatIsReusedAllocatesNothing(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector allocates")
	}
	e, r, _, fill := benchCells(t)
	var buf []byte
	encode := func() {
		fill()
		var err error
		if buf, err = e.Append(buf[:0], r, schema.Full); err != nil {
			t.Error(err)
		}
	}
	encode()
	assert.Zero(t, testing.AllocsPerRun(100, encode))
}

// benchCells returns a row of cells and a map with the values of newBenchRow.
func benchCells(t testing.TB) (e *schema.Encoder, r *schema.Row, asMap map[string]any, fill func()) {
	t.Helper()
	table := schema.TableOf[benchRow]("orders")
	v := newBenchRow()
	r = newRow(t, &table)
	tags, shipping, note := []byte(`["gift","express","größe"]`), []byte(`{"city":"Zürich","country":"CH","zip":"8001"}`), []byte(v.Note)
	fill = func() {
		r.Reset()
		r.Int(v.ID)
		r.Int(v.CustomerID)
		r.Int(int64(v.Quantity))
		r.Text(v.Status)
		r.Decimal(v.Total)
		r.Float(v.Score)
		r.Bool(v.Paid)
		r.Time(v.CreatedAt)
		r.Time(v.UpdatedAt)
		r.Bytes(note)
		r.JSON(tags)
		r.JSON(shipping)
	}
	asMap = map[string]any{
		"id": v.ID, "customer_id": v.CustomerID, "quantity": v.Quantity, "status": v.Status, "total": v.Total, "score": v.Score, "paid": v.Paid,
		"created_at": v.CreatedAt, "updated_at": v.UpdatedAt, "note": v.Note, "tags": json.RawMessage(tags), "shipping": json.RawMessage(shipping),
	}
	return schema.NewEncoder(&table, nil), r, asMap, fill
}

func BenchmarkRow(b *testing.B) {
	e, r, asMap, fill := benchCells(b)
	var buf []byte
	b.Run("cells", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fill()
			buf, _ = e.Append(buf[:0], r, schema.Full)
		}
	})
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			row := make(map[string]any, len(asMap)) // as a driver's rows are made
			for name, v := range asMap {
				row[name] = v
			}
			buf, _ = e.Append(buf[:0], row, schema.Full)
		}
	})
}
