package schema_test

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// Decimal and NullDecimal resemble the types of widely used decimal libraries.
type Decimal struct{ text string }

func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.text), nil }

func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.text + `"`), nil }

type NullDecimal struct {
	Decimal Decimal
	Valid   bool
}

func (d NullDecimal) MarshalText() ([]byte, error) {
	if !d.Valid {
		return nil, nil
	}
	return d.Decimal.MarshalText()
}

// A level is a byte with a MarshalText method. A slice of levels is a list of
// strings, not binary data.
type level uint8

func (l level) MarshalText() ([]byte, error) { return []byte{'L', '0' + byte(l)}, nil }

type point struct{ x, y int }

func (p point) MarshalJSON() ([]byte, error) { return json.Marshal([]int{p.x, p.y}) }

type (
	status string
	days   []string
)

// oneColumn derives the column of a struct whose only field has the type T.
func oneColumn[T any](t *testing.T) schema.Column {
	t.Helper()
	type row struct {
		V T `json:"v"`
	}
	table := schema.TableOf[row]("t")
	require.NoError(t, table.Validate())
	require.Len(t, table.Columns, 1)
	return table.Columns[0]
}

func TestTheTypeOfAFieldDeterminesTheTypeOfItsColumn(t *testing.T) {
	for _, test := range []struct {
		field  string
		column schema.Column
		want   schema.Type
		null   bool
	}{
		{"bool", oneColumn[bool](t), schema.TypeBoolean, false},
		{"int8", oneColumn[int8](t), schema.TypeShort, false},
		{"uint8", oneColumn[uint8](t), schema.TypeShort, false},
		{"int16", oneColumn[int16](t), schema.TypeShort, false},
		{"uint16", oneColumn[uint16](t), schema.TypeInt, false},
		{"int32", oneColumn[int32](t), schema.TypeInt, false},
		{"int", oneColumn[int](t), schema.TypeLong, false},
		{"int64", oneColumn[int64](t), schema.TypeLong, false},
		{"uint32", oneColumn[uint32](t), schema.TypeLong, false},
		{"uint", oneColumn[uint](t), schema.TypeLong, false},
		{"uint64", oneColumn[uint64](t), schema.TypeLong, false},
		{"time.Duration", oneColumn[time.Duration](t), schema.TypeLong, false},
		{"float32", oneColumn[float32](t), schema.TypeFloat, false},
		{"float64", oneColumn[float64](t), schema.TypeDouble, false},
		{"schema.Decimal", oneColumn[schema.Decimal](t), schema.TypeDecimal, false},
		{"json.Number", oneColumn[json.Number](t), schema.TypeDecimal, false},
		{"big.Int", oneColumn[big.Int](t), schema.TypeDecimal, false},
		{"a library's Decimal", oneColumn[Decimal](t), schema.TypeDecimal, false},
		{"a library's NullDecimal", oneColumn[NullDecimal](t), schema.TypeDecimal, true},
		{"time.Time", oneColumn[time.Time](t), schema.TypeUTCDatetime, false},
		{"[]byte", oneColumn[[]byte](t), schema.TypeBinary, true},
		{"string", oneColumn[string](t), schema.TypeString, false},
		{"named string", oneColumn[status](t), schema.TypeString, false},
		{"MarshalText", oneColumn[netip.Addr](t), schema.TypeString, false},
		{"number with MarshalText", oneColumn[level](t), schema.TypeString, false},
		{"MarshalJSON only", oneColumn[point](t), schema.TypeJSON, false},
		{"json.RawMessage", oneColumn[json.RawMessage](t), schema.TypeJSON, true},
		{"struct", oneColumn[address](t), schema.TypeJSON, false},
		{"map", oneColumn[map[string]int](t), schema.TypeJSON, true},
		{"slice", oneColumn[[]string](t), schema.TypeJSON, true},
		{"named slice", oneColumn[days](t), schema.TypeJSON, true},
		{"slice of bytes with MarshalText", oneColumn[[]level](t), schema.TypeJSON, true},
		{"array", oneColumn[[2]int](t), schema.TypeJSON, false},
		{"any", oneColumn[any](t), schema.TypeJSON, true},
		{"*int32", oneColumn[*int32](t), schema.TypeInt, true},
		{"**string", oneColumn[**string](t), schema.TypeString, true},
		{"*big.Int", oneColumn[*big.Int](t), schema.TypeDecimal, true},
		{"*struct", oneColumn[*address](t), schema.TypeJSON, true},
		{"sql.NullString", oneColumn[sql.NullString](t), schema.TypeString, true},
		{"sql.NullInt64", oneColumn[sql.NullInt64](t), schema.TypeLong, true},
		{"sql.NullTime", oneColumn[sql.NullTime](t), schema.TypeUTCDatetime, true},
		{"sql.Null[bool]", oneColumn[sql.Null[bool]](t), schema.TypeBoolean, true},
		{"sql.Null[schema.Decimal]", oneColumn[sql.Null[schema.Decimal]](t), schema.TypeDecimal, true},
	} {
		test.column.Object = false // see TestTheColumnsOfStructsAndMapsHoldObjects
		assert.Equal(t, schema.Column{Name: "v", Type: test.want, Nullable: test.null}, test.column, test.field)
	}
}

func TestTheColumnsOfStructsAndMapsHoldObjects(t *testing.T) {
	for name, column := range map[string]schema.Column{
		"struct": oneColumn[address](t), "*struct": oneColumn[*address](t), "map": oneColumn[map[string]any](t),
		"map of numbers": oneColumn[map[int]string](t), "sql.Null of a struct": oneColumn[sql.Null[address]](t),
	} {
		assert.True(t, column.Object, name)
	}
	for name, column := range map[string]schema.Column{
		"slice": oneColumn[[]address](t), "array": oneColumn[[2]int](t), "any": oneColumn[any](t), "json.RawMessage": oneColumn[json.RawMessage](t),
		"MarshalJSON": oneColumn[point](t), "time": oneColumn[time.Time](t), "decimal": oneColumn[schema.Decimal](t), "string": oneColumn[string](t),
	} {
		assert.False(t, column.Object, name)
	}
	type row struct {
		At time.Time `json:"at" schema:"type=JSON"`
	}
	asJSON := schema.TableOf[row]("t")
	require.NoError(t, asJSON.Validate())
	assert.False(t, asJSON.Columns[0].Object, "a time is a string in JSON")
	text := schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeString, Object: true}}}
	assert.ErrorContains(t, text.Validate(), `column "v": only a JSON column holds objects`)
}

type (
	circular *circular
	there    *back
	back     *there
)

func TestATypeThatPointsOnlyToItselfCannotBeAColumn(t *testing.T) {
	type one struct {
		V circular `json:"v"`
	}
	type two struct {
		V []int           `json:"v"`
		W sql.Null[there] `json:"w"`
	}
	assert.ErrorContains(t, ptr(schema.TableOf[one]("t")).Validate(), "schema_test.one.V: schema_test.circular cannot be a column")
	assert.ErrorContains(t, ptr(schema.TableOf[two]("t")).Validate(), "schema_test.two.W: sql.Null[")
	assert.ErrorContains(t, ptr(schema.TableOf[circular]("t")).Validate(), "schema_test.circular is not a struct")

	var c circular
	c = &c
	for _, typ := range []schema.Type{schema.TypeJSON, schema.TypeLong, schema.TypeString} {
		for _, v := range []any{c, circular(nil), there(nil)} {
			assert.ErrorContains(t, oneOf(typ).Check(asRow(v), schema.Full), "table s.t, column v: want "+typ.String()+", got schema_test.")
		}
	}
	assert.ErrorContains(t, ptr(schema.Table{Name: "open"}).Check(asRow(c), schema.Full), "column v")
	assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(c, schema.Full), "a row must be a struct")
	assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(asRow([]any{c}), schema.Full), "contains itself")
	assert.Equal(t, `{"v":[{"V":null}]}`, appendRow(t, oneOf(schema.TypeJSON), asRow([]any{struct{ V circular }{}}), schema.Full))
}
