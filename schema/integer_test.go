package schema_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// The spellings of integers that RFC 8259, section 6, allows. A Decimal has more.
var integers = map[string]string{
	"100": "100", "100.0": "100", "1e2": "100", "1E+2": "100", "10.0e1": "100", "0.1e3": "100", "1000e-1": "100", "100000.00e-3": "100",
	"-0": "0", "-0.0": "0", "0e5": "0", "0.000e-99999999999": "0", "-1.50e2": "-150", "1.000000000000000000000000": "1",
	"9223372036854775807.0": "9223372036854775807", "9.223372036854775807e18": "9223372036854775807", "-9223372036854775808e0": "-9223372036854775808",
	"9007199254740993e0": "9007199254740993", "92233720368547758070000e-4": "9223372036854775807",
}

func TestAnIntegerFitsInEverySpelling(t *testing.T) {
	for text, want := range integers {
		for _, v := range []any{json.Number(text), raw(text), schema.Decimal(text), row(json.Number(text)), row(schema.Decimal(text))} {
			assert.Equal(t, `{"v":`+want+`}`, appendRow(t, oneOf(schema.TypeLong), asRow(v), schema.Full), "%T %s", v, text)
		}
		assert.Equal(t, `{"v":`+want+`}`, appendRow(t, oneOf(schema.TypeLong), asRow(json.RawMessage(text)), schema.Full), text)
		cells, err := schema.NewRowReader(oneOf(schema.TypeLong)).Read([]byte(`{"v":` + text + `}`))
		require.NoError(t, err)
		assert.Equal(t, want, fmt.Sprint(cells[0].Int), text)

		r, err := schema.NewRow(oneOf(schema.TypeLong))
		require.NoError(t, err)
		for _, appendCell := range []func(){func() { r.JSON([]byte(text)) }, func() { r.Decimal(schema.Decimal(text)) }, func() { r.Value(json.Number(text)) }} {
			r.Reset()
			appendCell()
			assert.Equal(t, `{"v":`+want+`}`, appendRow(t, oneOf(schema.TypeLong), r, schema.Full), text)
		}
	}
	for text, want := range map[string]string{"+5": "5", "007": "7", "5.": "5", ".5e1": "5", "-.0": "0", "": "null"} {
		assert.Equal(t, `{"v":`+want+`}`, appendRow(t, oneOf(schema.TypeInt), asRow(schema.Decimal(text)), schema.Full), text)
	}
	assert.Equal(t, `{"v":0.10}`, appendRow(t, oneOf(schema.TypeDouble), asRow(schema.Decimal("+00.10")), schema.Full))
	assert.Equal(t, `{"id":1000}`, appendRow(t, &schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}, []byte(`{"id":1e3}`), schema.Keys))
	assert.ErrorContains(t, oneOf(schema.TypeShort).Check(asRow(json.Number("1e5")), schema.Full), "it needs more than 16 bits")
	assert.ErrorContains(t, oneOf(schema.TypeLong).Check(asRow(schema.Decimal("1,5")), schema.Full), "it is not a decimal number")
	assert.ErrorContains(t, oneOf(schema.TypeBoolean).Check(asRow(schema.Decimal("1")), schema.Full), "want BOOLEAN, got schema.Decimal")
}

func FuzzIntegersKeepTheirValue(f *testing.F) {
	for text := range integers {
		f.Add(text)
	}
	for _, text := range []string{"1e19", "5.5", "0.1e0", "1e-1", "99999999999999999999", "-1e18", "10e17", "1.10e1"} {
		f.Add(text)
	}
	table := oneOf(schema.TypeLong)
	f.Fuzz(func(t *testing.T, text string) {
		if _, exponent, _ := strings.Cut(strings.ToLower(text), "e"); len(exponent) > 4 || !json.Valid([]byte(text)) {
			return // a Rat of a large exponent takes long
		}
		value, ok := new(big.Rat).SetString(text)
		if !ok {
			return
		}
		b, err := schema.NewEncoder(table, nil).Append(nil, asRow(raw(text)), schema.Full)
		if !value.IsInt() || !value.Num().IsInt64() {
			assert.Error(t, err, text)
			return
		}
		require.NoError(t, err, text)
		assert.Equal(t, `{"v":`+value.Num().String()+`}`, string(b), text)
	})
}

func TestTheErrorForTextNamesTheTextConverter(t *testing.T) {
	type word string
	for typ, text := range map[schema.Type]string{
		schema.TypeBoolean: "true", schema.TypeShort: "5", schema.TypeInt: "5", schema.TypeLong: "5", schema.TypeFloat: "0.5", schema.TypeDouble: "0.5",
		schema.TypeDecimal: "1,5", schema.TypeUTCDatetime: "2026-01-02 03:04:05", schema.TypeNaiveDatetime: "2026-01-02 03:04:05", schema.TypeNaiveDate: "1/2/2026",
	} {
		for _, v := range []any{asRow(text), asRow(word(text)), map[string]string{"v": text}, asRow(raw(`"` + text + `"`)), asRow(json.RawMessage(`"` + text + `"`)), asRow(ptr(text)), asRow(sql.NullString{String: text, Valid: true})} {
			err := oneOf(typ).Check(v, schema.Full)
			assert.ErrorContains(t, err, "table s.t, column v: want "+typ.String()+", got ", "%T", v)
			assert.ErrorContains(t, err, "schema.TextConverter", "%v %T", typ, v)
			_, err = schema.NewTextConverter(oneOf(typ)).Convert(map[string]any{"v": "gibberish"})
			assert.Error(t, err)
			assert.NotContains(t, err.Error(), "TextConverter")
		}
	}
	assert.NotContains(t, oneOf(schema.TypeLong).Check(asRow(true), schema.Full).Error(), "TextConverter")
}
