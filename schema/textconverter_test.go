package schema_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// converted converts one text for a column of a type and returns the JSON that is
// delivered.
func converted(t testing.TB, c *schema.TextConverter, table *schema.Table, typ schema.Type, v any) (string, error) {
	t.Helper()
	row, err := c.Convert(map[string]any{"id": "1", typ.String(): v})
	if err != nil {
		return "", err
	}
	line, err := schema.NewEncoder(table, nil).Append(nil, row, schema.Full)
	if err != nil {
		return "", err
	}
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(line, &members))
	return string(members[typ.String()]), nil
}

func TestTextIsConvertedToTheTypeOfItsColumn(t *testing.T) {
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	for typ, texts := range map[schema.Type]map[string]string{
		schema.TypeBoolean: {"true": "true", "TRUE": "true", "t": "true", "Yes": "true", "1": "true", " false ": "false", "N": "false", "0": "false"},
		schema.TypeShort:   {"5": "5", "+5": "5", "-007": "-7", "5.00": "5", " 5\t": "5", "-0": "0", "32767": "32767"},
		schema.TypeInt:     {"2147483647": "2147483647"},
		schema.TypeLong:    {"9223372036854775807": "9223372036854775807", "9007199254740993": "9007199254740993"},
		schema.TypeFloat:   {"1e3": "1e3", ".5": "0.5"},
		schema.TypeDouble:  {"1e3": "1e3", "-.5E-3": "-0.5E-3", "5.": "5", "+00.10": "0.10", "000": "0"},
		schema.TypeDecimal: {"19.90": `"19.90"`, "+0019.90": `"19.90"`, "1e3": `"1e3"`, "12345678901234567890.10": `"12345678901234567890.10"`},
		schema.TypeUTCDatetime: {
			"2026-01-02T03:04:05+01:00": `"2026-01-02T02:04:05Z"`, "2026-01-02T03:04:05.1234567890Z": `"2026-01-02T03:04:05.1234567890Z"`,
		},
		schema.TypeNaiveDatetime: {"2026-01-02T03:04:05": `"2026-01-02T03:04:05"`, "2026-01-02 03:04:05.50": `"2026-01-02T03:04:05.50"`},
		schema.TypeNaiveDate:     {"2026-01-02": `"2026-01-02"`, "2024-02-29 ": `"2024-02-29"`},
		schema.TypeBinary:        {"AP8=": `"AP8="`},
		schema.TypeXML:           {" <a/>": `" <a/>"`},
		schema.TypeString:        {" a ": `" a "`, "": `""`, "null": `"null"`, "1,5": `"1,5"`},
		schema.TypeJSON:          {`{"a": [1]}`: `{"a": [1]}`, "5": "5", `"a"`: `"a"`, "null": "null"},
	} {
		for text, want := range texts {
			got, err := converted(t, c, table, typ, text)
			require.NoError(t, err, "%v %q", typ, text)
			assert.Equal(t, want, got, "%v %q", typ, text)
		}
	}
}

func TestAnEmptyTextIsNullExceptInAString(t *testing.T) {
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		for _, text := range []any{"", "  ", nil} {
			got, err := converted(t, c, table, typ, text)
			require.NoError(t, err)
			if typ != schema.TypeString || text == nil {
				assert.Equal(t, "null", got, "%v %q", typ, text)
			}
		}
	}
}

func TestTextThatIsNotAValueOfItsColumnIsAnErrorThatQuotesIt(t *testing.T) {
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	for typ, texts := range map[schema.Type][]string{
		schema.TypeBoolean:       {"ja", "2", "on", "truee", "null"},
		schema.TypeShort:         {"32768", "1e3", "5.5", "1,234", "0x10", "1_000", "five", "- 5", "--5", "NaN"},
		schema.TypeInt:           {"2147483648", "1E2"},
		schema.TypeLong:          {"9223372036854775808", "12a"},
		schema.TypeFloat:         {"1e39", "1,5", "infinity"},
		schema.TypeDouble:        {"1e309", "0x1p4", "NaN", "."},
		schema.TypeDecimal:       {"1,234.50", "19.90 EUR", "(5)"},
		schema.TypeUTCDatetime:   {"2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "01/02/2026", "1767323045", "2026-02-30T00:00:00Z"},
		schema.TypeNaiveDatetime: {"2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02_03:04:05", "2026-01-02T03:04"},
		schema.TypeNaiveDate:     {"2026-01-02T00:00:00", "2026-02-29", "20260102", "02.01.2026"},
		schema.TypeBinary:        {"%", "AP8"},
		schema.TypeJSON:          {"a", "{", "{}x", "[1,]"},
	} {
		for _, text := range texts {
			_, err := converted(t, c, table, typ, text)
			var misfit *schema.RowError
			require.ErrorAs(t, err, &misfit, "%v %q", typ, text)
			assert.Equal(t, "s.t", misfit.Table)
			assert.Equal(t, typ.String(), misfit.Column)
			assert.Equal(t, typ.String(), misfit.Want.String())
			assert.ErrorContains(t, err, `"`+text+`"`)
		}
	}
	_, err := converted(t, c, table, schema.TypeLong, strings.Repeat("x", 500))
	assert.Less(t, len(err.Error()), 250, "a long text is shortened")
	_, err = converted(t, c, table, schema.TypeUTCDatetime, "01/02/2026")
	assert.EqualError(t, err, `table s.t, column UTC_DATETIME: want UTC_DATETIME, got text: cannot use "01/02/2026": `+
		`want a time in the format of RFC 3339 such as "2006-01-02T15:04:05Z"; set ParseTime for other formats`)
}

func TestOtherFormatsNeedAFunctionOrAList(t *testing.T) {
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	c.ParseTime = func(text string) (time.Time, error) { return time.Parse("02.01.2006 15:04 -0700", text) }
	c.ParseNumber = func(text string) (json.Number, error) {
		return json.Number(strings.NewReplacer(".", "", ",", ".").Replace(text)), nil
	}
	c.True, c.False = []string{"ja", "wahr"}, []string{"nein"}
	c.Null = []string{`\N`, "-"}
	c.JSONStrings = true
	for _, want := range []struct {
		typ        schema.Type
		text, want string
	}{
		{schema.TypeUTCDatetime, "02.01.2026 03:04 +0100", `"2026-01-02T02:04:00Z"`}, {schema.TypeNaiveDatetime, "02.01.2026 03:04 +0100", `"2026-01-02T03:04:00"`},
		{schema.TypeNaiveDate, "02.01.2026 00:00 +0100", `"2026-01-02"`}, {schema.TypeDecimal, "1.234,50", `"1234.50"`}, {schema.TypeInt, "1.234", "1234"},
		{schema.TypeDouble, "0,5", "0.5"}, {schema.TypeBoolean, "JA", "true"}, {schema.TypeBoolean, "nein", "false"}, {schema.TypeInt, `\N`, "null"},
		{schema.TypeString, "-", "null"}, {schema.TypeString, "- ", `"- "`}, {schema.TypeJSON, "{not JSON", `"{not JSON"`},
	} {
		got, err := converted(t, c, table, want.typ, want.text)
		require.NoError(t, err, want.text)
		assert.Equal(t, want.want, got, want.text)
	}
	for typ, text := range map[schema.Type]string{
		schema.TypeBoolean: "true", schema.TypeUTCDatetime: "2026-01-02T03:04:05Z", schema.TypeNaiveDate: "02.01.2026 03:04 +0100", schema.TypeDouble: "a",
	} {
		_, err := converted(t, c, table, typ, text)
		assert.ErrorContains(t, err, typ.String(), text)
	}
}

func TestTheErrorOfAParserIsWrapped(t *testing.T) {
	c := schema.NewTextConverter(columnOfEachType(t))
	failed := errors.New("no such month")
	c.ParseTime = func(string) (time.Time, error) { return time.Time{}, failed }
	_, err := c.Convert(map[string]string{"NAIVE_DATE": "x"})
	assert.ErrorIs(t, err, failed)
	assert.ErrorContains(t, err, "no such month")
}

func TestKeysThatDifferFromAColumnOnlyInSpellingAreAnError(t *testing.T) {
	c := schema.NewTextConverter(columnOfEachType(t))
	for _, key := range []string{"ID", "Id", " id", "id ", "boolean"} {
		_, err := c.Convert(map[string]string{"id": "1", key: "5", "zzz": "x"})
		var misfit *schema.RowError
		require.ErrorAs(t, err, &misfit, key)
		assert.Equal(t, key, misfit.Column)
		assert.ErrorContains(t, err, "declares the column as")
	}
}

func TestOtherKeysAreUndeclaredColumnsOfText(t *testing.T) {
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	c.Null = []string{"NULL"}
	nested := map[string]any{"a": "1"}
	record := map[string]any{"id": "1", "other": " 05 ", "empty": "", "none": "NULL", "nested": nested, "JSON": nested}
	row, err := c.Convert(record)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number("1"), "other": " 05 ", "empty": "", "none": nil, "nested": nested, "JSON": nested}, row)
	assert.Equal(t, "1", record["id"], "the record is not modified")
}

func TestValuesThatAreNotTextMustFitTheColumnAsTheyAre(t *testing.T) {
	c := schema.NewTextConverter(columnOfEachType(t))
	row, err := c.Convert(map[string]any{"id": 5, "JSON": []any{"a"}, "BOOLEAN": true, "DECIMAL": json.Number("1.50")})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": 5, "JSON": []any{"a"}, "BOOLEAN": true, "DECIMAL": json.Number("1.50")}, row)
	for column, v := range map[string]any{"LONG": []any{"1", "2"}, "STRING": map[string]any{"#text": "a"}, "BOOLEAN": 1} {
		_, err := c.Convert(map[string]any{column: v})
		var misfit *schema.RowError
		require.ErrorAs(t, err, &misfit)
		assert.Equal(t, column, misfit.Column)
	}
}

func TestARecordIsAnyMapWithStringKeys(t *testing.T) {
	type key string
	c := schema.NewTextConverter(columnOfEachType(t))
	for _, record := range []any{map[string]string{"INT": "5"}, map[string]any{"INT": "5"}, map[key]string{"INT": "5"}} {
		row, err := c.Convert(record)
		require.NoError(t, err)
		assert.Equal(t, map[string]any{"INT": json.Number("5")}, row)
	}
	for _, record := range []any{nil, 5, []string{"a"}, struct{}{}, map[int]string{1: "a"}} {
		_, err := c.Convert(record)
		assert.ErrorContains(t, err, "a map with string keys")
	}
}

func TestTheErrorDoesNotDependOnTheOrderOfAMap(t *testing.T) {
	c := schema.NewTextConverter(columnOfEachType(t))
	for range 20 {
		_, err := c.Convert(map[string]string{"INT": "a", "BOOLEAN": "b", "LONG": "c", "DOUBLE": "d"})
		var misfit *schema.RowError
		require.ErrorAs(t, err, &misfit)
		require.Equal(t, "BOOLEAN", misfit.Column)
	}
}

func TestATextConverterIsSafeForConcurrentUse(t *testing.T) {
	c := schema.NewTextConverter(columnOfEachType(t))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 50 {
				row, err := c.Convert(map[string]string{"INT": "5", "NAIVE_DATE": "2026-01-02"})
				assert.NoError(t, err)
				assert.Len(t, row, 2)
			}
		})
	}
	wait.Wait()
}

// FuzzTextConverter converts any text. A number is the number that the text says, and
// every error names the column.
func FuzzTextConverter(f *testing.F) {
	for _, seed := range []string{"", "5", "+05.10", "1e3", " x ", "2026-01-02T03:04:05Z", `{"a":"\ud800"}`, "NaN", "\xff", "true", ".e1", "-.0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table := columnOfEachType(t)
		c := schema.NewTextConverter(table)
		for _, column := range table.Columns[1:] {
			got, err := converted(t, c, table, column.Type, text)
			if err != nil {
				var misfit *schema.RowError
				require.ErrorAs(t, err, &misfit)
				require.Equal(t, column.Name, misfit.Column)
				continue
			}
			switch column.Type {
			case schema.TypeShort, schema.TypeInt, schema.TypeLong, schema.TypeDecimal:
				if got == "null" {
					require.Empty(t, strings.TrimSpace(text))
					continue
				}
				if len(text) > 100 || strings.ContainsAny(text, "eE") {
					continue // a Rat of a large exponent takes long
				}
				want, ok := new(big.Rat).SetString(strings.TrimSpace(text))
				require.True(t, ok, text)
				n, ok := new(big.Rat).SetString(strings.Trim(got, `"`))
				require.True(t, ok, got)
				require.Zero(t, want.Cmp(n), "%q became %s", text, got)
			}
		}
	})
}

func TestTextOfEveryGoTypeIsConverted(t *testing.T) {
	type text string
	table := columnOfEachType(t)
	c := schema.NewTextConverter(table)
	c.Null = []string{"n/a"}
	for typ, want := range map[schema.Type]string{
		schema.TypeLong: "5", schema.TypeDecimal: `"5"`, schema.TypeDouble: "5", schema.TypeJSON: "5", schema.TypeString: `"5"`, schema.TypeXML: `"5"`,
	} {
		for _, v := range []any{"5", text("5"), ptr("5"), ptr(ptr(text("5"))), []byte("5"), sql.NullString{String: "5", Valid: true}, sql.Null[text]{V: "5", Valid: true}} {
			got, err := converted(t, c, table, typ, v)
			require.NoError(t, err, "%v %T", typ, v)
			assert.Equal(t, want, got, "%v %T", typ, v)
		}
		for _, v := range []any{(*string)(nil), ptr((*text)(nil)), []byte(nil), sql.NullString{}, "n/a", text("n/a"), []byte("n/a")} {
			got, err := converted(t, c, table, typ, v)
			require.NoError(t, err, "%v %T", typ, v)
			assert.Equal(t, "null", got, "%v %T", typ, v)
		}
		_, err := converted(t, c, table, typ, json.RawMessage(`{"x":`))
		assert.Error(t, err, "raw JSON is not text")
	}
	got, err := converted(t, c, table, schema.TypeBinary, []byte("5"))
	require.NoError(t, err)
	assert.Equal(t, `"NQ=="`, got, "a []byte in a BINARY is the bytes themselves")
	row, err := c.Convert(map[string]text{"LONG": "5", "more": "5"})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"LONG": json.Number("5"), "more": text("5")}, row)
}

func TestAKeyWithAByteOrderMarkIsAnError(t *testing.T) {
	c := schema.NewTextConverter(oneOf(schema.TypeLong))
	_, err := c.Convert(map[string]string{"\ufeffv": "5"})
	assert.ErrorContains(t, err, `the table declares the column as "v"`)
}

func TestAnExponentIsAnIntegerIfParseNumberSaysSo(t *testing.T) {
	c := schema.NewTextConverter(oneOf(schema.TypeLong))
	_, err := c.Convert(map[string]string{"v": "1.23457E+12"})
	assert.ErrorContains(t, err, "it has an exponent, as spreadsheets write numbers whose last digits they have dropped")
	c.ParseNumber = func(text string) (json.Number, error) { return json.Number(text), nil }
	row, err := c.Convert(map[string]string{"v": "1.23457E+12"})
	require.NoError(t, err)
	assert.Equal(t, `{"v":1234570000000}`, appendRow(t, oneOf(schema.TypeLong), row, schema.Full))
}

func TestAZeroConverterReaderOrRowIsAnErrorAndNoPanic(t *testing.T) {
	_, err := (&schema.TextConverter{JSONStrings: true}).Convert(map[string]string{"v": "5"})
	assert.ErrorContains(t, err, "NewTextConverter")
	_, err = (&schema.RowReader{AllowDuplicates: true}).Read([]byte(`{"v":5}`))
	assert.ErrorContains(t, err, "NewRowReader")
	r := new(schema.Row)
	r.Int(5)
	assert.ErrorContains(t, oneOf(schema.TypeLong).Check(r, schema.Full), "NewRow")
}

func TestAKeyOfSeveralColumnsIsAnErrorThatNamesTheSeparator(t *testing.T) {
	table := &schema.Table{Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong}, {Name: "name", Type: schema.TypeString}, {Name: "a;b", Type: schema.TypeString},
	}}
	c := schema.NewTextConverter(table)
	for key, separator := range map[string]string{"id;name": `';'`, "\ufeffid\tname\tx": `'\t'`, `"id"|"name"`: `'|'`, "ID,Name": `','`} {
		_, err := c.Convert(map[string]any{key: "1"})
		var failed *schema.RowError
		require.ErrorAs(t, err, &failed)
		assert.ErrorContains(t, err, "the separator of the text is "+separator)
	}
	row, err := c.Convert(map[string]any{"id": "1", "a;b": "x", "name; first": "y"})
	require.NoError(t, err)
	assert.Len(t, row, 3)
}

func TestAnEmptyKeyWithoutTextIsLeftOut(t *testing.T) {
	c := schema.NewTextConverter(&schema.Table{Name: "orders", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong}}})
	for _, empty := range []any{nil, ""} {
		row, err := c.Convert(map[string]any{"id": "1", "": empty})
		require.NoError(t, err)
		assert.NotContains(t, row, "")
	}
	row, err := c.Convert(map[string]any{"id": "1", "": "x"})
	require.NoError(t, err)
	assert.Contains(t, row, "", "a value is not lost: the Encoder refuses it")
}
