package schema_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func ExampleTable_WithUnfit() {
	type Reading struct {
		ID    int64   `json:"id" schema:"primary_key"`
		Value float64 `json:"value"`
	}
	table := schema.TableOf[Reading]("readings").WithUnfit(schema.NullUnfit)
	e := schema.NewEncoder(&table, nil)
	row, err := e.Append(nil, Reading{ID: 1, Value: math.NaN()}, schema.Full)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(row))
	for column, nulled := range e.Nulled() {
		fmt.Println(column, nulled.Rows, nulled.First)
	}
	// Output:
	// {"id":1,"value":null}
	// value 1 table readings, column value: want DOUBLE, got NaN or an infinity: JSON has no such number: emit a null instead
}

// unfitValues are values of the right kind that columns cannot hold.
var unfitValues = []struct {
	typ    schema.Type
	values []any
}{
	{schema.TypeShort, []any{1 << 15, row(1 << 15), row(uint16(1 << 15)), raw(`32768`), json.Number("-32769"), 1e300, 1e10, 0.5, raw(`0.5`), math.NaN(), big.NewInt(1 << 40)}},
	{schema.TypeInt, []any{1 << 31, row(int64(1 << 31)), raw(`2147483648`), 3e9, uint64(1 << 63), float32(math.Inf(1))}},
	{schema.TypeLong, []any{uint64(1 << 63), row(uint64(1 << 63)), raw(`9223372036854775808`), json.Number("9223372036854775808"), 1e19, new(big.Int).Lsh(big.NewInt(1), 63), 1.5, row(math.Inf(-1))}},
	{schema.TypeFloat, []any{math.NaN(), row(float32(math.Inf(1))), 1e39, raw(`1e39`), json.Number("1e39"), json.Number("NaN"), raw(`"NaN"`), raw(`"-Infinity"`)}},
	{schema.TypeDouble, []any{math.NaN(), row(math.NaN()), ptr(math.Inf(1)), raw(`1e400`), json.Number("-1e400"), json.Number("inf"), raw(`"+inf"`), row(json.Number("Infinity"))}},
	{schema.TypeDecimal, []any{"1000", "0.001", row(schema.Decimal("1e9")), raw(`1234.5`), 1000, "NaN", row("-Infinity"), schema.Decimal("NaN"), json.Number("nan"), Decimal{"Infinity"}}},
	{schema.TypeUTCDatetime, []any{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), row(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)), "0000-01-01T00:00:00+01:00",
		"10000-01-01T00:00:00Z", "-0044-03-15T00:00:00Z", "infinity", raw(`"-infinity"`),
	}},
	{schema.TypeNaiveDatetime, []any{row(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "+12026-01-01T00:00:00", "infinity"}},
	{schema.TypeNaiveDate, []any{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "12026-01-01", "-infinity"}},
	{schema.TypeString, []any{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	{schema.TypeJSON, []any{math.NaN(), row[any](math.Inf(1)), json.Number("NaN"), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
}

func unfitTable(typ schema.Type, key bool) *schema.Table {
	table := oneOf(typ)
	table.Columns[0].PrimaryKey = key
	if typ == schema.TypeDecimal {
		table.Columns[0].Precision, table.Columns[0].Scale = 5, 2
	}
	return table
}

func TestAValueThatTheColumnCannotHoldIsAnErrorByDefault(t *testing.T) {
	for _, test := range unfitValues {
		for _, v := range test.values {
			e := schema.NewEncoder(unfitTable(test.typ, false), nil)
			_, err := e.Append(nil, asRow(v), schema.Full)
			assert.ErrorContains(t, err, "table s.t, column v: want "+test.typ.String()+", got ", "%T %v", v, v)
			assert.Empty(t, e.Nulled())
		}
	}
}

func TestAValueThatTheColumnCannotHoldIsNullByTheTablesPolicy(t *testing.T) {
	for _, test := range unfitValues {
		for _, v := range test.values {
			e := schema.NewEncoder(ptr(unfitTable(test.typ, false).WithUnfit(schema.NullUnfit)), nil)
			_, wantErr := schema.NewEncoder(unfitTable(test.typ, false), nil).Append(nil, asRow(v), schema.Full)
			for range 2 {
				b, err := e.Append(nil, asRow(v), schema.Full)
				if assert.NoError(t, err, "%v %T %v", test.typ, v, v) {
					assert.Equal(t, `{"v":null}`, string(b), "%T %v", v, v)
				}
			}
			nulled := e.Nulled()["v"]
			assert.Equal(t, 2, nulled.Rows)
			assert.Equal(t, wantErr, error(nulled.First))
		}
	}
}

func TestAValueThatThePrimaryKeyCannotHoldIsAlwaysAnError(t *testing.T) {
	for _, test := range unfitValues {
		if test.typ == schema.TypeJSON {
			continue
		}
		for _, v := range test.values {
			_, wantErr := schema.NewEncoder(unfitTable(test.typ, true), nil).Append(nil, asRow(v), schema.Full)
			e := schema.NewEncoder(ptr(unfitTable(test.typ, true).WithUnfit(schema.NullUnfit)), nil)
			for _, form := range []schema.Form{schema.Full, schema.Partial, schema.Keys} {
				_, err := e.Append(nil, asRow(v), form)
				assert.Equal(t, wantErr, err, "%v %T %v", test.typ, v, v)
				assert.Error(t, err)
			}
			assert.Empty(t, e.Nulled())
		}
	}
}

func TestAValueOfTheWrongKindIsAlwaysAnError(t *testing.T) {
	for typ, values := range map[schema.Type][]any{
		schema.TypeLong:        {"1", true, 1e17, raw(`[]`)},
		schema.TypeDecimal:     {1.5, "1,5", true},
		schema.TypeDouble:      {"1.5", raw(`"n/a"`)},
		schema.TypeString:      {math.NaN(), 1},
		schema.TypeUTCDatetime: {"2026-02-30T00:00:00Z", "20260102", "0000-00-00", 5, "1700000000"},
		schema.TypeNaiveDate:   {"02.01.2026", "20260102", "2026-1-2"},
		schema.TypeBinary:      {"aGk", "00112233445566778899aabbccddeeff"},
		schema.TypeJSON:        {1e17, []any{1e17}, quiet{}, func() {}, json.RawMessage(`{`)},
	} {
		for _, v := range values {
			e := schema.NewEncoder(ptr(unfitTable(typ, false).WithUnfit(schema.NullUnfit)), nil)
			_, err := e.Append(nil, asRow(v), schema.Full)
			assert.Error(t, err, "%v %T %v", typ, v, v)
			assert.Empty(t, e.Nulled())
		}
	}
}

func TestOnlyTheUnfitPartOfANestedValueIsNull(t *testing.T) {
	type embeds struct {
		measured
		B  int
		At time.Time
	}
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		want string
		rows []any
	}{
		{`[1,null,"x"]`, []any{[]any{1, math.NaN(), "x"}, row([]any{1, math.Inf(1), "x"}), []any{1, far, "x"}}},
		{`{"a":{"b":[null]}}`, []any{map[string]any{"a": map[string][]float64{"b": {math.NaN()}}}, row(map[string]map[string][]time.Time{"a": {"b": {far}}})}},
		{`{"Name":"n","count":null}`, []any{measured{"n", math.NaN()}, &measured{"n", math.Inf(-1)}}},
		{`[1,{"Name":"n","count":null,"B":0,"At":null}]`, []any{[]any{1, embeds{measured: measured{"n", math.NaN()}}}}},
		{`{"Name":"n","count":1,"B":0,"At":null}`, []any{embeds{measured: measured{"n", 1}, At: far}, row(&embeds{measured: measured{"n", 1}, At: far})}},
	} {
		for _, r := range test.rows {
			for _, table := range []*schema.Table{oneOf(schema.TypeJSON), {Name: "open"}} {
				e := schema.NewEncoder(ptr(table.WithUnfit(schema.NullUnfit)), nil)
				b, err := e.Append(nil, asRow(r), schema.Full)
				require.NoError(t, err, "%T %v", r, r)
				assert.Equal(t, `{"v":`+test.want+`}`, string(b))
				assert.Equal(t, 1, e.Nulled()["v"].Rows)
			}
		}
	}
}

func TestAnUndeclaredColumnObeysThePolicy(t *testing.T) {
	e := schema.NewEncoder(ptr((&schema.Table{Name: "t"}).WithUnfit(schema.NullUnfit)), nil)
	for _, r := range []any{map[string]any{"f": math.NaN(), "u": uint64(math.MaxUint64)}, struct {
		F float64 `json:"f"`
		U uint64  `json:"u"`
	}{math.Inf(1), math.MaxUint64}} {
		b, err := e.Append(nil, r, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"f":null,"u":null}`, string(b))
	}
	nulled := e.Nulled()
	assert.Equal(t, 2, nulled["f"].Rows)
	assert.EqualError(t, nulled["u"].First, "table t, column u: got uint64: it needs more than 63 bits: declare the column DECIMAL")
}

func TestAnUnknownPolicyIsNotValid(t *testing.T) {
	table := schema.Table{Name: "t", Unfit: 7}
	assert.ErrorContains(t, table.Validate(), "Unfit(7) is not a policy")
	assert.Equal(t, "RefuseUnfit NullUnfit", fmt.Sprint(schema.RefuseUnfit, schema.NullUnfit))
}
