package schema_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/schema"
)

// oneOf returns a table whose only column is v, of the given type.
func oneOf(typ schema.Type) *schema.Table {
	return &schema.Table{Schema: "s", Name: "t", Columns: []schema.Column{{Name: "v", Type: typ}}}
}

func appendRow(t *testing.T, table *schema.Table, row any, form schema.Form) string {
	t.Helper()
	b, err := schema.NewEncoder(table, nil).Append(nil, row, form)
	require.NoError(t, err)
	require.True(t, json.Valid(b), "%s", b)
	require.NotContains(t, string(b), "\n")
	return string(b)
}

type textual struct{ err error }

func (v textual) MarshalText() ([]byte, error) { return []byte("text"), v.err }

type quiet struct{}

func (quiet) MarshalJSON() ([]byte, error) { return nil, errors.New("found s3cr3t") }

// A rowOf is a row whose only column is v.
type rowOf[T any] struct {
	V T `json:"v"`
}

func (rowOf[T]) isRow() {}

func row[T any](v T) any { return &rowOf[T]{v} }

// A raw is a value in raw JSON.
type raw string

// asRow returns a row whose column v has the value v: raw JSON for a raw, and a
// map for other values. A row that the function row returned is returned as is.
func asRow(v any) any {
	switch v := v.(type) {
	case interface{ isRow() }:
		return v
	case raw:
		return []byte(`{"v":` + string(v) + `}`)
	}
	return map[string]any{"v": v}
}

func TestAValueIsEncodedInTheFormOfItsColumn(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	at := time.Date(2026, 1, 2, 3, 4, 5, 120_000_000, zone)
	n, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	nine := int32(9)
	for _, test := range []struct {
		typ  schema.Type
		want string
		rows []any // rows or values for asRow
	}{
		{schema.TypeBoolean, `true`, []any{row(true), true, raw(`true`), row(sql.NullBool{Bool: true, Valid: true})}},
		{schema.TypeShort, `-32768`, []any{row(int16(math.MinInt16)), row(int64(math.MinInt16)), -32768, -32768.0, json.Number("-32768"), raw(`-32768`), raw(`-32768.00`)}},
		{schema.TypeInt, `2147483647`, []any{row(int32(math.MaxInt32)), row(uint64(math.MaxInt32)), math.MaxInt32, uint32(math.MaxInt32), raw(`2147483647`)}},
		{schema.TypeInt, `9`, []any{row(&nine), &nine, row(sql.NullInt32{Int32: 9, Valid: true}), row(sql.Null[int32]{V: 9, Valid: true}), row[any](nine)}},
		{schema.TypeLong, `9223372036854775807`, []any{row(int64(math.MaxInt64)), row(uint64(math.MaxInt64)), int64(math.MaxInt64), json.Number("9223372036854775807"), raw(`9223372036854775807`), row(json.Number("9223372036854775807")), big.NewInt(math.MaxInt64)}},
		{schema.TypeLong, `-9223372036854775808`, []any{row(int64(math.MinInt64)), raw(`-9223372036854775808`)}},
		{schema.TypeLong, `9007199254740993`, []any{row(int64(1<<53 + 1)), json.Number("9007199254740993"), raw(`9007199254740993`), raw(`9007199254740993.0`), json.RawMessage(` 9007199254740993 `)}},
		{schema.TypeLong, `0`, []any{row(int8(0)), math.Copysign(0, -1), raw(`-0`), raw(`-0.0`)}},
		{schema.TypeFloat, `0.1`, []any{row(float32(0.1)), float32(0.1), raw(`0.1`), json.Number("0.1")}},
		{schema.TypeDouble, `0.1`, []any{row(0.1), 0.1, raw(`0.1`), row(json.Number("0.1"))}},
		{schema.TypeDouble, `1e+300`, []any{row(1e300), 1e300, raw(`1e+300`)}},
		{schema.TypeDouble, `5e-324`, []any{row(math.SmallestNonzeroFloat64), raw(`5e-324`)}},
		{schema.TypeDouble, `7`, []any{row(7), 7, int8(7)}},
		{schema.TypeDecimal, `"19.90"`, []any{row(schema.Decimal("19.90")), row("19.90"), schema.Decimal("19.90"), "19.90", json.Number("19.90"), raw(`19.90`), raw(`"19.90"`), raw(`"19\u002e90"`), row(Decimal{"19.90"}), Decimal{"19.90"}, row(NullDecimal{Decimal{"19.90"}, true})}},
		{schema.TypeDecimal, `"123456789012345678901234567890"`, []any{row(n), row(*n), n, raw(`123456789012345678901234567890`)}},
		{schema.TypeDecimal, `"18446744073709551615"`, []any{row(uint64(math.MaxUint64)), uint64(math.MaxUint64)}},
		{schema.TypeDecimal, `null`, []any{row(schema.Decimal("")), row(json.Number("")), row(NullDecimal{}), nil, raw(`null`), row((*big.Int)(nil))}},
		{schema.TypeUTCDatetime, `"2026-01-02T01:04:05.12Z"`, []any{row(at), row(&at), at, raw(`"2026-01-02T01:04:05.12Z"`), raw(`"2026-01-02T03:04:05.12+02:00"`), row("2026-01-02T03:04:05.12+02:00"), "2026-01-02t01:04:05.12z", raw(`"2026-01-02t03:04:05.12+02:00"`), row("2026-01-02T01:04:05.12z")}},
		{schema.TypeUTCDatetime, `"2026-01-02T01:04:05.1234567890120Z"`, []any{"2026-01-02T01:04:05.1234567890120Z", raw(`"2026-01-02T03:04:05.1234567890120+02:00"`)}},
		{schema.TypeUTCDatetime, `"2024-02-29T23:59:59Z"`, []any{raw(`"2024-02-29T23:59:59Z"`)}},
		{schema.TypeNaiveDatetime, `"2026-01-02T03:04:05.12"`, []any{row(at), at, raw(`"2026-01-02T03:04:05.12"`), "2026-01-02T03:04:05.12"}},
		{schema.TypeNaiveDate, `"2026-01-02"`, []any{row(at), at, row("2026-01-02"), raw(`"2026-01-02"`)}},
		{schema.TypeBinary, `"aGk/Pg=="`, []any{row([]byte("hi?>")), []byte("hi?>"), row([4]byte{'h', 'i', '?', '>'}), "aGk/Pg==", raw(`"aGk/Pg=="`), raw(`"aGk/\r\nPg=="`)}},
		{schema.TypeBinary, `null`, []any{row([]byte(nil)), []byte(nil)}},
		{schema.TypeBinary, `""`, []any{row([]byte{}), ""}},
		{schema.TypeXML, `"<a>&</a>"`, []any{row("<a>&</a>"), row([]byte("<a>&</a>")), raw(`"<a>&</a>"`)}},
		{schema.TypeString, `"text"`, []any{row("text"), "text", []byte("text"), raw(`"text"`), row(textual{}), textual{}, row(status("text"))}},
		{schema.TypeString, `""`, []any{row(""), "", raw(`""`)}},
		{schema.TypeString, `"2026-01-02T01:04:05.12Z"`, []any{row(at)}},
		{schema.TypeJSON, `{"a":[1,null,"x"]}`, []any{row(map[string]any{"a": []any{1, nil, "x"}}), map[string]any{"a": []any{1, nil, "x"}}, raw(`{"a":[1,null,"x"]}`), raw("{\"a\":\n[1 ,null,\"x\"]\r\n}"), row(json.RawMessage(`{"a":[1,null,"x"]}`))}},
		{schema.TypeJSON, `9007199254740993`, []any{row(json.Number("9007199254740993")), raw(`9007199254740993`), int64(9007199254740993)}},
		{schema.TypeJSON, `"{}"`, []any{"{}", raw(`"{}"`)}},
		{schema.TypeJSON, `["L1","L2"]`, []any{row([]level{1, 2}), []level{1, 2}}},
		{schema.TypeJSON, `"2026-01-02T03:04:05.12+02:00"`, []any{at}},
	} {
		table := oneOf(test.typ)
		for _, v := range test.rows {
			what := fmt.Sprintf("%v of %T %v", test.typ, v, v)
			r := asRow(v)
			got, err := schema.NewEncoder(table, nil).Append(nil, r, schema.Full)
			if assert.NoError(t, err, what) {
				assert.Equal(t, `{"v":`+test.want+`}`, string(got), what)
			}
			assert.NoError(t, table.Check(r, schema.Full), what)
		}
	}
}

func TestAZoneThatRFC3339CannotRepresentBecomesUTC(t *testing.T) {
	at := time.Date(1890, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 53*60+28))
	assert.Equal(t, `{"v":"1889-12-31T23:06:32Z"}`, appendRow(t, oneOf(schema.TypeJSON), row[any](at), schema.Full))
	far := time.Date(2026, 1, 2, 0, 0, 0, 0, time.FixedZone("", 30*3600))
	assert.Equal(t, `{"v":["2025-12-31T18:00:00Z"]}`, appendRow(t, oneOf(schema.TypeJSON), row([]time.Time{far}), schema.Full))
}

func TestAValueThatDoesNotFitIsARowErrorWithoutTheValue(t *testing.T) {
	huge, _ := new(big.Int).SetString("4711"+strings.Repeat("0", 400), 10)
	for _, test := range []struct {
		typ  schema.Type
		want string
		rows []any
	}{
		{schema.TypeBoolean, "want BOOLEAN, got", []any{row(4711), 4711, "4711", raw(`4711`), raw(`"4711"`)}},
		{schema.TypeShort, "it needs more than 16 bits", []any{row(47110), 47110, raw(`47110`), json.Number("47110")}},
		{schema.TypeInt, "it needs more than 32 bits", []any{row(int64(47110000000)), raw(`47110000000`)}},
		{schema.TypeLong, "it needs more than 63 bits: declare the column DECIMAL", []any{row(uint64(math.MaxUint64)), uint64(1 << 63)}},
		{schema.TypeLong, "it needs more than 64 bits: declare the column DECIMAL", []any{raw(`9223372036854775808`), raw(`4711e16`), raw(`4711e99999999999`), json.Number("-9223372036854775809"), schema.Decimal("-4711E+16"), new(big.Int).Lsh(big.NewInt(1), 63)}},
		{schema.TypeLong, "it has a fraction", []any{row(4711.5), 4711.5, raw(`4711.5`), raw(`4711e-1`), json.Number("4711.01"), schema.Decimal(".4711"), raw(`4711e-99999999999`)}},
		{schema.TypeLong, "an integer of 2^53 or more may already have lost digits", []any{float64(1<<53 + 1), row(1e17)}},
		{schema.TypeLong, "want LONG, got", []any{row("4711"), "4711", raw(`"4711"`), raw(`{"a":4711}`), raw(`[4711]`), true, []any{4711}, map[string]any{}, []byte("4711")}},
		{schema.TypeLong, "it is not a valid JSON number", []any{json.Number("4711x"), row(json.Number(" 4711"))}},
		{schema.TypeDouble, "JSON has no such number", []any{row(math.NaN()), math.Inf(1), row(float32(math.Inf(-1)))}},
		{schema.TypeDouble, "it is out of the range of a 64-bit float", []any{raw(`4711e400`), json.Number("-1e999"), raw("1" + strings.Repeat("0", 400)), huge, row(*huge)}},
		{schema.TypeFloat, "it is out of the range of a 32-bit float", []any{row(4711e300), 1e39, raw(`1e39`), raw("1" + strings.Repeat("0", 40)), huge}},
		{schema.TypeDecimal, "it may already have lost digits", []any{4711.5}},
		{schema.TypeDecimal, "got float64: it is the type of", []any{row(4711.5)}},
		{schema.TypeDecimal, "it is not a decimal number", []any{row("4711,50"), "NaN", raw(`"4711 "`), "", Decimal{"4711x"}}},
		{schema.TypeUTCDatetime, "want a time in the format of RFC 3339", []any{"4711", "2026-01-02", "2026-01-02 03:04:05Z", "2026-01-02T3:04:05Z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05", "2026-02-30T00:00:00Z", raw(`"2026-01-02T24:00:00Z"`), "2026-01-02T03:04:05+0200", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05-01:60", "2026-01-02tſſſſſſſſſſ", "z", "ﬀz", "Z", ""}},
		{schema.TypeUTCDatetime, "RFC 3339 cannot represent the year", []any{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), row(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)), time.Date(9999, 12, 31, 23, 59, 0, 0, time.FixedZone("", -3600)), "9999-12-31T23:59:00-01:00", "0000-01-01T00:00:00+01:00"}},
		{schema.TypeUTCDatetime, "want UTC_DATETIME, got ", []any{4711, raw(`4711`), row(int64(4711))}},
		{schema.TypeNaiveDatetime, "want a date and time without zone", []any{"2026-01-02T03:04:05Z", "2026-01-02T3:04:05", "2026-01-02T03:04:05,5", raw(`"4711"`)}},
		{schema.TypeNaiveDate, "want a date such as", []any{"2026-1-2", "2026-02-30", raw(`"4711"`)}},
		{schema.TypeNaiveDate, "RFC 3339 cannot represent the year", []any{row(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))}},
		{schema.TypeBinary, "want standard base64 with padding", []any{"4711_-", "aGk", raw(`"aGk"`), raw(`"aGl="`)}},
		{schema.TypeString, "want STRING, got", []any{4711, true, raw(`4711`), row([]string{"4711"}), raw(`{}`)}},
		{schema.TypeString, "its MarshalText method returned an error", []any{textual{errors.New("4711")}, row(textual{errors.New("4711")})}},
		{schema.TypeXML, "want XML, got", []any{4711, raw(`[]`)}},
		{schema.TypeJSON, "JSON has no such number", []any{row([]float64{math.NaN()}), map[string]any{"a": math.Inf(1)}, []float32{float32(math.NaN())}}},
		{schema.TypeJSON, "has no JSON form", []any{func() {}, []any{make(chan int)}, struct{ C complex64 }{}}},
		{schema.TypeJSON, "MarshalJSON or MarshalText method returned an error", []any{quiet{}, row(quiet{}), map[string]any{"a": []any{quiet{}}}}},
		{schema.TypeJSON, "it is not valid JSON", []any{json.RawMessage(`{4711`), row(json.RawMessage(`4711 4711`))}},
	} {
		table := oneOf(test.typ)
		for _, v := range test.rows {
			what := fmt.Sprintf("%v of %T %v", test.typ, v, v)
			r := asRow(v)
			dst := []byte("before")
			got, err := schema.NewEncoder(table, nil).Append(dst, r, schema.Full)
			assert.Equal(t, "before", string(got), "dst is returned unchanged")
			var rowErr *schema.RowError
			if !assert.ErrorAs(t, err, &rowErr, what) {
				continue
			}
			assert.Equal(t, "s.t", rowErr.Table)
			assert.Equal(t, "v", rowErr.Column)
			want := test.typ
			assert.Equal(t, want, rowErr.Want)
			assert.NotEmpty(t, rowErr.Got)
			assert.True(t, strings.HasPrefix(err.Error(), "table s.t, column v: want "+test.typ.String()), err)
			assert.Contains(t, err.Error(), test.want, what)
			assert.NotContains(t, err.Error(), "4711", "an error must not contain the value")
			assert.NotContains(t, err.Error(), "s3cr3t", "an error must not contain the value")
		}
	}
}

func TestTheErrorOfAMethodCanBeUnwrapped(t *testing.T) {
	cause := errors.New("no such status")
	err := oneOf(schema.TypeString).Check(row(textual{cause}), schema.Full)
	assert.ErrorIs(t, err, cause)
	assert.NotContains(t, err.Error(), cause.Error())
}

func TestValuesThatAreNotRowsAreRejected(t *testing.T) {
	e := schema.NewEncoder(&schema.Table{Schema: "s", Name: "t"}, nil)
	for _, test := range []struct {
		row  any
		want string
	}{
		{nil, "got nil: a row must be a struct"},
		{"{}", "got string: a row must be a struct"},
		{[]any{}, "got []interface {}: a row must be"},
		{map[int]string{}, "got map[int]string: a row must be"},
		{(*Base)(nil), "got *schema_test.Base: the pointer is nil"},
		{noField{}, "has no exported field that can be a column"},
		{[]byte(``), "got raw JSON: the row is not valid JSON"},
		{[]byte(`[1]`), "got array: a raw JSON row must be an object"},
		{[]byte(`"secret"`), "got string: a raw JSON row must be an object"},
		{[]byte(`{"a":1`), "the row is not valid JSON"},
		{[]byte(`{"a":1,}`), "the row is not valid JSON"},
		{[]byte(`{"a":01}`), "the row is not valid JSON"},
		{[]byte(`{"a":"` + "\n" + `"}`), "the row is not valid JSON"},
		{[]byte(`{a:1}`), "the row is not valid JSON"},
		{[]byte(`{"a":1} {}`), "there is more text after the row's object"},
		{[]byte(`{"a":1}x`), "there is more text after the row's object"},
		{[]byte(`{"a":1,"a":2}`), "column a: got raw JSON: the row has the column twice"},
		{[]byte(`{"a":1,"\u0061":2}`), "the row has the column twice"},
		{[]byte(strings.Repeat(`{"a":`, 20000)), "the row is not valid JSON"},
	} {
		_, err := e.Append(nil, test.row, schema.Full)
		var rowErr *schema.RowError
		require.ErrorAs(t, err, &rowErr, "%v", test.row)
		assert.ErrorContains(t, err, test.want)
	}
	assert.Equal(t, `{"a":1}`, appendRow(t, oneOf(0), []byte(" {\n\t\"a\" : 1 }\r\n"), schema.Full))
}

func TestTextThatIsNotUTF8IsReplacedAndCounted(t *testing.T) {
	type inside struct {
		address        // embedded, so encoding/json writes it
		Note    string `json:"note"`
	}
	table := &schema.Table{Name: "t"}
	for what, r := range map[string]any{
		"string": map[string]any{"v": "a\xff\xfe"},
		"struct": row("a\xff\xfe"),
		"bytes as string": &struct {
			V []byte `json:"v" schema:"type=STRING"`
		}{[]byte("a\xff\xfe")},
		"raw":    []byte("{\"v\":\"a\xff\xfe\"}"),
		"halves": []byte(`{"v":"a\ud800\uD800"}`),
	} {
		tab := table
		if what == "bytes as string" {
			tab = oneOf(schema.TypeString)
		}
		e := schema.NewEncoder(tab, nil)
		b, err := e.Append(nil, r, schema.Full)
		require.NoError(t, err, what)
		require.True(t, utf8.Valid(b), what)
		var got map[string]string
		require.NoError(t, json.Unmarshal(b, &got))
		assert.Equal(t, map[string]string{"v": "a\uFFFD\uFFFD"}, got, what)
		assert.Equal(t, map[string]int{"v": 1}, e.Replaced(), what)
	}
	for what, r := range map[string]any{
		"nested value":  row([]string{"\xff"}),
		"nested name":   row(map[string]int{"\xff": 1}),
		"nested any":    map[string]any{"v": []any{map[string]any{"\xff": 1}}},
		"encoding/json": row(inside{Note: "\xff"}),
		"nested raw":    []byte("{\"v\":[\"\xff\"]}"),
		"raw message":   row(json.RawMessage("[\"\xff\"]")),
		"nested half":   []byte(`{"v":{"\udc00":1}}`),
		"recursive":     row(tree{Leaves: []tree{{Name: "\xff"}}}),
	} {
		e := schema.NewEncoder(table, nil)
		for range 2 {
			b, err := e.Append(nil, r, schema.Full)
			require.NoError(t, err, what)
			require.True(t, utf8.Valid(b) && json.Valid(b), what)
			assert.Regexp(t, "\uFFFD|ufffd", string(b), what)
		}
		assert.Equal(t, map[string]int{"v": 2}, e.Replaced(), what)
	}
	e := schema.NewEncoder(table, nil)
	for _, r := range []any{map[string]any{"\xff": 1}, []byte("{\"\xff\":1}"), []byte(`{"\ud800":1}`)} {
		_, err := e.Append(nil, r, schema.Full)
		assert.ErrorContains(t, err, "the name of the column is not valid UTF-8")
	}

	e = schema.NewEncoder(table, nil)
	for _, r := range []any{row("\uFFFD"), row(inside{Note: "\uFFFD \\ufffd"}), []byte(`{"v":"\ud83d\ude00 \\ud800"}`)} {
		_, err := e.Append(nil, r, schema.Full)
		require.NoError(t, err)
	}
	assert.Empty(t, e.Replaced(), "an original U+FFFD is not a replacement")
}

func TestARowIsASingleLineForEveryReader(t *testing.T) {
	text := "a\n\r\t\x00\x1f\"\\\u2028\u2029</script>"
	encoded, err := json.Marshal(map[string]any{"v": text})
	require.NoError(t, err)
	for what, r := range map[string]any{
		"struct": row(text), "map": map[string]any{"v": text}, "raw escaped": encoded,
		"raw": []byte(`{"v":"a\n\r\t\u0000\u001f\"\\` + "\u2028\u2029" + `</script>"}`),
	} {
		got := appendRow(t, oneOf(schema.TypeString), r, schema.Full)
		assert.False(t, strings.ContainsAny(got, "\n\r\u2028\u2029\x00"), what)
		var back map[string]string
		require.NoError(t, json.Unmarshal([]byte(got), &back))
		assert.Equal(t, text, back["v"], what)
	}
	assert.NotContains(t, appendRow(t, oneOf(schema.TypeJSON), []byte("{\"v\":[\"\u2028\"]}"), schema.Full), "\u2028")
	pretty := "{\n  \"v\": {\n    \"a\": [\n      1\n    ]\n  }\n}\n"
	assert.Equal(t, `{"v":{"a":[1]}}`, appendRow(t, oneOf(schema.TypeJSON), []byte(pretty), schema.Full))
}

var keyed = schema.Table{Schema: "shop", Name: "t", Columns: []schema.Column{
	{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
	{Name: "line", Type: schema.TypeInt, PrimaryKey: true},
	{Name: "note", Type: schema.TypeString},
	{Name: "email", Type: schema.TypeString},
}}

type line struct {
	ID    int64   `json:"id"`
	Line  *int32  `json:"line,omitempty"`
	Note  string  `json:"note,omitempty"`
	Email *string `json:"email"`
}

func TestTheFormSelectsTheColumns(t *testing.T) {
	one, mail := int32(1), "a@b.c"
	for _, test := range []struct {
		form schema.Form
		want string
	}{
		{schema.Full, `{"id":7,"line":1,"email":"a@b.c"}`},
		{schema.Partial, `{"id":7,"line":1,"email":"a@b.c"}`},
		{schema.Keys, `{"id":7,"line":1}`},
	} {
		assert.Equal(t, test.want, appendRow(t, &keyed, line{ID: 7, Line: &one, Email: &mail}, test.form))
		assert.Equal(t, test.want, appendRow(t, &keyed, map[string]any{"email": mail, "line": 1, "id": 7}, test.form))
		assert.Equal(t, test.want, appendRow(t, &keyed, []byte(`{"id":7,"line":1,"email":"a@b.c"}`), test.form))
		for what, bad := range map[string][]any{
			"column line: got no value: the row omits a part of the primary key": {line{ID: 7}, map[string]any{"id": 7}, []byte(`{"id":7}`)},
			"column line: got null: a part of the primary key cannot be null": {map[string]any{"id": 7, "line": nil}, []byte(`{"id":7,"line":null}`),
				map[string]any{"id": 7, "line": (*int)(nil)}, struct {
					ID   int  `json:"id"`
					Line *int `json:"line"`
				}{}},
		} {
			for _, r := range bad {
				assert.EqualError(t, keyed.Check(r, test.form), "table shop.t, "+what)
			}
		}
		assert.ErrorContains(t, keyed.Check(Base{}, test.form), "column line: got schema_test.Base: the type has no field for this part of the primary key")
	}
	keyless := &schema.Table{Name: "log"}
	for _, form := range []schema.Form{schema.Partial, schema.Keys} {
		assert.ErrorContains(t, keyless.Check(map[string]any{"a": 1}, form), "the table has no primary key")
	}
}

func TestANilEmbeddedStructIsNullInAWholeRowAndOmittedFromAnUpdate(t *testing.T) {
	type Address struct {
		City string `json:"city"`
	}
	type customer struct {
		ID int64 `json:"id" schema:"primary_key"`
		*Address
	}
	table := schema.TableOf[customer]("t")
	assert.Equal(t, `{"id":1,"city":null}`, appendRow(t, &table, customer{ID: 1}, schema.Full))
	assert.Equal(t, `{"id":1}`, appendRow(t, &table, customer{ID: 1}, schema.Partial))
	assert.Equal(t, `{"id":1,"city":"Bern"}`, appendRow(t, &table, &customer{1, &Address{"Bern"}}, schema.Partial))
	key := schema.TableOf[byPointer]("t")
	assert.ErrorContains(t, key.Check(byPointer{}, schema.Full), "column id: got null")
}

func TestUndeclaredColumnsAreEncoded(t *testing.T) {
	want := `{"id":1,"line":2,"a":"x","b":[1],"z":9007199254740993}`
	assert.Equal(t, want, appendRow(t, &keyed, map[string]any{"z": int64(9007199254740993), "b": []int{1}, "a": "x", "line": 2, "id": 1}, schema.Full))
	assert.Equal(t, want, appendRow(t, &keyed, []byte(`{"id":1,"line":2,"a":"x","b":[1],"z":9007199254740993}`), schema.Full))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	open := &schema.Table{Name: "open"}
	assert.Equal(t, `{"at":"2026-01-02T03:04:05Z","d":"1.50","f":0.5,"m":{"k":1},"n":null,"raw":{"a":1}}`, appendRow(t, open, map[string]any{
		"at": at, "d": schema.Decimal("1.50"), "f": 0.5, "m": map[string]int{"k": 1}, "n": nil, "raw": json.RawMessage(`{"a":1}`)}, schema.Full))
	n := json.Number("1.50")
	assert.Equal(t, `{"a":1.50,"b":1.50,"c":1.50,"d":null}`, appendRow(t, open, map[string]any{"a": n, "b": &n, "c": sql.Null[json.Number]{V: n, Valid: true}, "d": (*json.Number)(nil)}, schema.Full))
	type labels map[string]string
	assert.Equal(t, `{"a":"1","b":"2"}`, appendRow(t, open, labels{"b": "2", "a": "1"}, schema.Full))
	assert.Equal(t, `{}`, appendRow(t, open, map[string]any{}, schema.Full))
	assert.Equal(t, `{}`, appendRow(t, open, []byte(`{}`), schema.Full))
	assert.ErrorContains(t, open.Check(map[string]any{"f": func() {}}, schema.Full), "table open, column f: got func()")
}

// The time for such a row was quadratic in the number of its columns, which the
// source determines.
func TestTheTimeForARowOfManyUndeclaredColumnsIsLinear(t *testing.T) {
	open := &schema.Table{Name: "open"}
	growth.AssertLinear(t, 500, func(columns int) func() {
		var b strings.Builder
		for i := range columns {
			fmt.Fprintf(&b, `,"c%06d":1`, i)
		}
		row := "{" + b.String()[1:] + "}"
		assert.ErrorContains(t, open.Check([]byte(row[:len(row)-1]+`,"c000000":1}`), schema.Full), "column c000000")
		return func() { assert.Equal(t, row, appendRow(t, open, []byte(row), schema.Full)) }
	})
}

func TestDroppedColumnsAreOmittedUnlessTheyArePartOfTheKey(t *testing.T) {
	e := schema.NewEncoder(&keyed, func(column string) bool { return column != "note" })
	mail := "a@b.c"
	one := int32(1)
	for _, r := range []any{
		line{ID: 7, Line: &one, Note: "n", Email: &mail},
		map[string]any{"id": 7, "line": 1, "note": "n", "email": mail, "more": math.NaN()},
		[]byte(`{"id":7,"line":1,"note":"n","email":"a@b.c","more":{"a":1}}`),
	} {
		b, err := e.Append(nil, r, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"id":7,"line":1,"note":"n"}`, string(b))
	}
	_, err := e.Append(nil, []byte(`{"id":7,"line":1,"email":1,"email":2}`), schema.Full)
	assert.ErrorContains(t, err, "twice")
}

func TestTheSameRowAlwaysHasTheSameBytes(t *testing.T) {
	want := ""
	for range 50 {
		m, nested := map[string]any{}, map[string]any{}
		for i := range 30 {
			m[fmt.Sprint("c", i)], nested[fmt.Sprint("n", i)] = i, i
		}
		m["id"], m["line"], m["deep"], m["typed"] = 1, 2, nested, map[string]int{"b": 1, "a": 2}
		got := appendRow(t, &keyed, m, schema.Full)
		if want == "" {
			want = got
		}
		require.Equal(t, want, got)
	}
	assert.True(t, strings.HasPrefix(want, `{"id":1,"line":2,"c0":0,"c1":1,"c10":10`))
}

func TestAnEncoderIsSafeForConcurrentUse(t *testing.T) {
	table := schema.TableOf[benchRow]("t")
	e := schema.NewEncoder(&table, nil)
	r := newBenchRow()
	asRaw, err := json.Marshal(r)
	require.NoError(t, err)
	wantStruct := appendRow(t, &table, r, schema.Full)
	wantRaw := appendRow(t, &table, asRaw, schema.Full)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var buf []byte
			for range 200 {
				var err error
				buf, err = e.Append(buf[:0], r, schema.Full)
				assert.NoError(t, err)
				assert.Equal(t, wantStruct, string(buf))
				buf, err = e.Append(buf[:0], asRaw, schema.Full)
				assert.NoError(t, err)
				assert.Equal(t, wantRaw, string(buf))
				_, err = e.Append(buf[:0], *r, schema.Keys)
				assert.NoError(t, err)
				_, err = e.Append(buf[:0], map[string]any{"id": 1, "note": "\xff", "tree": tree{Leaves: []tree{{}}}}, schema.Full)
				assert.NoError(t, err)
				e.Replaced()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, map[string]int{"note": 1600}, e.Replaced())
}

func TestStructAndRawRowsAreEncodedWithoutAllocation(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector allocates")
	}
	table := schema.TableOf[benchRow]("t")
	r := newBenchRow()
	asRaw, err := json.Marshal(r)
	require.NoError(t, err)
	for what, row := range map[string]any{"struct": r, "raw": asRaw} {
		e := schema.NewEncoder(&table, nil)
		var buf []byte
		allocs := testing.AllocsPerRun(1000, func() {
			buf, err = e.Append(buf[:0], row, schema.Full)
		})
		require.NoError(t, err)
		assert.Zero(t, allocs, what)
	}
}
