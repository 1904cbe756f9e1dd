package schema_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/schema"
)

func TestDecimalKeepsItsDigits(t *testing.T) {
	for in, want := range map[string]schema.Decimal{
		`19.90`: "19.90", `"19.90"`: "19.90", `-0`: "-0", `1e3`: "1e3", `"+.5E-7"`: "+.5E-7", `null`: "", `""`: "",
		`123456789012345678901234567890.10`: "123456789012345678901234567890.10",
	} {
		var d schema.Decimal
		require.NoError(t, json.Unmarshal([]byte(in), &d), in)
		assert.Equal(t, want, d, in)
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		assert.Equal(t, d, back)
	}
	for _, in := range []string{`true`, `[1]`, `{}`, `"12,50"`, `"1 "`, `"NaN"`, `"."`, `"1e"`, `"0x1"`} {
		var d schema.Decimal
		err := json.Unmarshal([]byte(in), &d)
		require.Error(t, err, in)
		assert.NotContains(t, err.Error(), "12,50", "an error must not contain the value")
	}
	_, err := json.Marshal(schema.Decimal("a lot"))
	assert.ErrorContains(t, err, "not a number")
}

// A destination turns DECIMAL(5,2) into NUMERIC(5,2), which rounds other values
// or rejects them.
func TestADecimalBeyondItsPrecisionOrScaleIsRejected(t *testing.T) {
	column := schema.Column{Name: "v", Type: schema.TypeDecimal, Precision: 5, Scale: 2}
	encode := func(column schema.Column, value any) (string, error) {
		table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, column}}
		row, err := schema.NewEncoder(&table, nil).Append(nil, map[string]any{"id": 1, "v": value}, schema.Full)
		return string(row), err
	}
	for _, value := range []any{"123.45", "-999.99", "0.1", "7", "7.000", json.Number("12.30")} {
		t.Run(fmt.Sprint("accepted ", value), func(t *testing.T) {
			_, err := encode(column, value)
			assert.NoError(t, err)
		})
	}
	for _, value := range []any{"1000", "123456789.12", "1.234", json.Number("1.234"), 1000, schema.Decimal("-1000.00")} {
		t.Run(fmt.Sprintf("rejected %T %v", value, value), func(t *testing.T) {
			row, err := encode(column, value)
			assert.Error(t, err, "delivered as %s", row)
		})
	}
	t.Run("no limit without precision", func(t *testing.T) {
		_, err := encode(schema.Column{Name: "v", Type: schema.TypeDecimal}, "123456789.123456789")
		assert.NoError(t, err)
	})
}

func TestTheDigitsOfADecimalAreCountedByValue(t *testing.T) {
	n, _ := new(big.Int).SetString("1000", 10)
	const whole, fraction = "digits before the decimal point, and DECIMAL(5,2) allows 3", "digits after the decimal point, and DECIMAL(5,2) allows 2"
	for _, test := range []struct {
		want   string // "" if the value fits
		values []any
	}{
		{"", []any{
			"999.99", "-999.99", "+999.990000", "000999.9", ".5", "5.", "0", "-0.000", "0e99999", "1e2", "1.5E-1", "99999e-2", "1e-2", "100e-4", "0.00001e4", "99999000e-5",
			raw(`999.99`), raw(`1e2`), raw(`"999.99"`), raw(`"\u0039.5"`), json.Number("-1.5e1"), schema.Decimal("1.50"), Decimal{"1.50"}, NullDecimal{Decimal{"1.50"}, true},
			big.NewInt(-999), 999, int8(1), uint64(7), row("999.99"), row(schema.Decimal("9")), row(999), row(*big.NewInt(9)), nil, raw(`null`), row(NullDecimal{}),
		}},
		{"it has 4 " + whole, []any{
			"1000", "-1000", "0001000.5", "1e3", "1.5E3", "10000000e-4", raw(`1000`), raw(`-1e3`), raw(`"1000"`), json.Number("1000"), schema.Decimal("1000"),
			Decimal{"1000"}, NullDecimal{Decimal{"1000"}, true}, n, 1000, uint64(1000), int64(-1000), row("1000"), row(schema.Decimal("1000")), row(1000), row(*n), row(uint16(1000)),
			row(json.Number("1000")), row[any]("1000"), ptr("1000"), row(Decimal{"1000"}),
		}},
		{"it has 3 " + fraction, []any{"0.001", "1.234", "1.5E-2", "-0.1230", "1e-3", "1234e-3", raw(`1.234`), raw(`"1.234"`), json.Number("1.234"), Decimal{"1.234"}, row("1.234")}},
		{"it has 134217728 " + whole, []any{"1e999999999", raw(`1e99999999999999999999`), json.Number("1e134217727")}},
		{"it has 134217727 " + fraction, []any{"1e-999999999", raw(`-1e-99999999999999999999`)}},
	} {
		table := schema.Table{Schema: "s", Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeDecimal, Precision: 5, Scale: 2}}}
		for _, v := range test.values {
			_, err := schema.NewEncoder(&table, nil).Append(nil, asRow(v), schema.Full)
			if test.want == "" {
				assert.NoError(t, err, "%T %v", v, v)
				continue
			}
			var rowErr *schema.RowError
			if assert.ErrorAs(t, err, &rowErr, "%T %v", v, v) {
				assert.Equal(t, schema.RowError{Table: "s.t", Column: "v", Want: schema.TypeDecimal, Got: rowErr.Got, Problem: test.want}, *rowErr, "%T %v", v, v)
				assert.NotEmpty(t, rowErr.Got)
			}
		}
	}
}

func TestADecimalOfAStructIsCheckedByItsTag(t *testing.T) {
	type price struct {
		V schema.Decimal `json:"v" schema:"precision=3,scale=3"`
	}
	table := schema.TableOf[price]("t")
	for _, tab := range []*schema.Table{&table, {Name: "t"}} {
		assert.NoError(t, tab.Check(price{"0.125"}, schema.Full))
		assert.ErrorContains(t, tab.Check(price{"1.125"}, schema.Full), "want DECIMAL, got schema.Decimal: it has 1 digits before the decimal point, and DECIMAL(3,3) allows 0")
	}
	assert.NoError(t, table.Check(map[string]any{"v": ".1"}, schema.Full))
}

func TestAHugeExponentNeedsNoMemory(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector allocates")
	}
	table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeDecimal, Precision: 38}}, Unfit: schema.NullUnfit}
	e := schema.NewEncoder(&table, nil)
	var buf []byte
	var err error
	allocated := testing.AllocsPerRun(10, func() { buf, err = e.Append(buf[:0], []byte(`{"v":1e999999999}`), schema.Full) })
	require.NoError(t, err)
	assert.Less(t, allocated, 20.0)
}

// The limit is compared with the number that package big computes.
func FuzzDecimalLimit(f *testing.F) {
	for _, seed := range []string{"1", "-12.50", "1e3", "+.5E-7", "0001000.000", "99999e-2", "0e5", "5.", "1e-100"} {
		f.Add(seed)
	}
	table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeDecimal, Precision: 7, Scale: 3}}}
	e := schema.NewEncoder(&table, nil)
	f.Fuzz(func(t *testing.T, text string) {
		if _, exponent, _ := strings.Cut(strings.ToLower(text), "e"); len(exponent) > 4 || strings.ContainsAny(text, "_/xXoObBpP") {
			return // package big is slow for large exponents, and reads more than decimal numbers
		}
		n, ok := new(big.Rat).SetString(text)
		if !ok {
			return
		}
		thousands := new(big.Rat).Mul(n, big.NewRat(1000, 1))
		fits := thousands.IsInt() && thousands.Num().CmpAbs(big.NewInt(10_000_000)) < 0
		_, err := e.Append(nil, map[string]any{"v": text}, schema.Full)
		require.Equal(t, fits, err == nil, "%s: %v", text, err)
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{`1`, `"1.50"`, `-0.0e-10`, `null`, `"\u0031"`, `"+5"`, `"."`, `{}`, `"1`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var d schema.Decimal
		if json.Unmarshal([]byte(in), &d) != nil {
			_ = d.UnmarshalJSON([]byte(in)) // called with JSON that no decoder has checked
			return
		}
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, d, back)
		if d == "" {
			return
		}
		var text string
		if json.Unmarshal([]byte(in), &text) == nil {
			require.Equal(t, text, string(d))
		}
		if !strings.ContainsAny(string(d), "eE") { // big.Rat limits exponents
			_, ok := new(big.Rat).SetString(string(d))
			require.True(t, ok, "other packages accept the number too")
		}
	})
}

// A quoted number without escape sequences takes another way than any other text. Both
// must give the same digits and the same errors.
func FuzzDecimalIsDecodedAlikeHoweverItIsWritten(f *testing.F) {
	for _, seed := range []string{"1", "-12.50", "+.5E-7", "", " 1", "1 ", "\"", "\\", "null", "true", "1e", "0x1", "٣", "1\n", "[1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		plain, err := json.Marshal(text)
		require.NoError(t, err)
		escaped := []byte{'"'} // each character as an escape sequence
		for _, c := range utf16.Encode([]rune(text)) {
			escaped = fmt.Appendf(escaped, `\u%04x`, c)
		}
		escaped = append(escaped, '"')
		fast, slow := schema.Decimal("before"), schema.Decimal("before")
		fastErr, slowErr := fast.UnmarshalJSON(plain), slow.UnmarshalJSON(escaped)
		require.Equal(t, slowErr, fastErr)
		require.Equal(t, slow, fast)
		spaced := schema.Decimal("before")
		require.Equal(t, fastErr, spaced.UnmarshalJSON([]byte(" "+string(plain)+"\n")))
		require.Equal(t, fast, spaced)

		bare, spacedBare := schema.Decimal("before"), schema.Decimal("before")
		bareErr, spacedErr := bare.UnmarshalJSON([]byte(text)), spacedBare.UnmarshalJSON([]byte(" "+text))
		require.Equal(t, spacedErr == nil, bareErr == nil)
		require.Equal(t, spacedBare, bare)
	})
}

func BenchmarkDecimalFromAString(b *testing.B) {
	var d schema.Decimal
	data := []byte(`"12345.67"`)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}
