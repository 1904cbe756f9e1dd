package schema_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// FuzzIndexedRow compares the rows that are written in one pass or by their index
// with those that are decoded.
func FuzzIndexedRow(f *testing.F) {
	deep := strings.Repeat(`{"a":[`, 40) + strings.Repeat("]}", 40)
	for _, seed := range []string{
		`{"id":1,"STRING":"a","LONG":-0,"INT":1e2,"SHORT":40000,"DOUBLE":1e400,"FLOAT":1e39,"BOOLEAN":true,"XML":null}`,
		`{"id":1,"x":{"a":[1,"\ud83d\ude00",1e5,{"b":[[],{},[{}],-0.5E+7]}]},"JSON":"\u2028\/\b\f\n\r\t\\\""}`,
		"{\"id\":1,\"STRING\":\"\xff\u2028\"}", "{\"id\":1,\"JSON\":[\"größe\u2029\",\"Съешь\",\"いろ\",\"😀\"]}",
		`{"id":1,"UTC_DATETIME":"2026-01-02T03:04:05.10+02:00","DECIMAL":1.50,"BINARY":"aGk=","JSON":[ {"a": 1,"a":2} ]}`,
		`{"id":1,"UTC_DATETIME":"2024-02-29T03:04:05+00:00","DECIMAL":"1.50","NAIVE_DATETIME":"2026-01-02T03:04:05","NAIVE_DATE":"2026-01-02"}`,
		`{"id":1,"UTC_DATETIME":"\u0032026-01-02T03:04:05Z","DECIMAL":"\u0031","NAIVE_DATE":"2023-02-29","BINARY":"0011223344556677"}`,
		`{"id":1,"\ud800":"\udc00"}`, `{"id":1,"\u0041":1,"A":2}`, `{"\u0069d":1,"id":2}`, "{\n}", "{\n\"id\" :\t1 ,\r\"JSON\": [\n1\r, {\n} ]}", `{"id":1,"aB":1,"Ab":2}`,
		`{"id":1,"":1}`, `{"id":1,"Int":3}`, `{"id":1,"a ":3}`, `{"id":null}`, `{"id":01}`, `{"id":1,}`, `{"id":1}{}`, `{"id":1} x`, `{"id" 1}`, `{id:1}`, `{"id":tru}`,
		`{"id":1,"x":[1,]}`, `{"id":1,"x":[1}}`, `{"id":1,"x":{"a"}}`, `{"id":1,"x":{"a":1,}}`, `{"id":1,"x":"`, `{"id":1,"x":"\`, `{"id":1,"x":"\u00`, `{"id":1,"x":"\q"}`,
		`{"id":1,"x":-}`, `{"id":1,"x":1.}`, `{"id":1,"x":1e+}`, `[]`, ``, ` `, `{`, `{"id":1,"JSON":` + deep + `}`, "{\"id\":1,\"x\":\"a\x01\"}",
		`{"id":1234567890123456789,"PRICE":1.5,"STRING":"a","LONG":12 ,"DOUBLE":-0.5,"FLOAT":16777217,"SHORT":-999,"UTC_DATETIME":"2026-01-02T03:04:05+02:00","JSON":1}`,
		"{\"id\":1,\"INT\":99999999999,\"PRICE\":12345.678,\"BOOLEAN\":true,\"STRING\":\"\xff\"}", "{ \"id\" : 1, \"STRING\": \"a\" ,\n\"DECIMAL\": 1.50, \"XML\":\"x\" }\n",
		`{"id":-0,"LONG":-01,"INT":00,"DOUBLE":-00.5}`, `{"id":7,"DOUBLE":1.,"FLOAT":1.5e3}`, `{"id":1,"LONG":1.5,"INT":-5,"SHORT":-12345}`, `{"STRING":"a","DECIMAL":"1","x":1,"id":9}`,
		"{\"id\":1,\"JSON\":[\n1]}", "{\"id\":1,\"JSON\": {\n}}", `{"id":1,"UTC_DATETIME":"2026-01-02T25:04:05Z"}`, `{"id":1,"UTC_DATETIME":"2026-02-30T03:04:05.5Z"}`, `{"id":1,"DECIMAL":"1.5`, `{"id":1,"STRING":"a"`,
		`{"id":1,"x":{1}}`, `{"id":1,"x":{"a":1,2}}`, `{"id":1,"x":["ab\,"cd"]}`, "{\"id\":1,\"JSON\":[\"ab\x01,1]}", `{"id":1,"STRING":"a","STRING":"b"}`, `{"id":1,"BOOLEAN":truefalse}`, `{"id":1,"DECIMAL":"abc"}`, `{"id":1,"DECIMAL":"\u0031"}`,
	} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(1))
		f.Add([]byte(seed), byte(7))
	}
	f.Fuzz(func(t *testing.T, row []byte, options byte) {
		table := columnOfEachType(t)
		table.Columns = append(table.Columns, schema.Column{Name: "PRICE", Type: schema.TypeDecimal, Precision: 6, Scale: 2})
		if options&1 != 0 {
			table.Unfit = schema.NullUnfit
		}
		if options&2 != 0 {
			table.Columns[0].PrimaryKey = false
		}
		var drop func(string) bool
		if options&4 != 0 {
			drop = func(column string) bool { return column == "STRING" || column == "x" }
		}
		for _, form := range []schema.Form{schema.Full, schema.Partial, schema.Keys} {
			if form != schema.Full && options&2 != 0 {
				continue
			}
			indexed, decoded := schema.NewEncoder(table, drop), schema.NewEncoder(table, drop)
			_, err := indexed.Append(nil, withColumnsOf(row, table), schema.Full)
			require.NoError(t, err)
			for range 2 { // the second row finds what the first has left
				before := bytes.Clone(row)
				got, err := indexed.Append(nil, row, form)
				require.Equal(t, before, row, "the row must not be modified")
				want, wantErr := decoded.AppendDecoded(row, form)
				require.Equal(t, wantErr, err)
				if err == nil {
					require.Equal(t, string(want), string(got))
				}
				require.Equal(t, decoded.Replaced(), indexed.Replaced())
				require.Equal(t, decoded.Nulled(), indexed.Nulled())
				require.Equal(t, decoded.Hexadecimal(), indexed.Hexadecimal())
				require.Equal(t, decoded.Respelled(), indexed.Respelled())
			}
		}
	})
}

// quotedWord finds the names of columns, also in a row that is not valid JSON.
var quotedWord = regexp.MustCompile(`"(\w+)"\s*:`)

// withColumnsOf returns a valid row whose columns have the order of those of another row.
func withColumnsOf(row []byte, table *schema.Table) []byte {
	var names []string
	for _, match := range quotedWord.FindAllSubmatch(row, -1) {
		if _, declared := table.Column(string(match[1])); declared && !slices.Contains(names, string(match[1])) {
			names = append(names, string(match[1]))
		}
	}
	if !slices.Contains(names, "id") {
		names = append(names, "id")
	}
	valid := strings.ReplaceAll(`{"`+strings.Join(names, `":null,"`)+`":null}`, `"id":null`, `"id":1`)
	return []byte(valid)
}

// Rows whose columns change their order, and rows with and without an index, are
// encoded as if each were the first.
func TestARawRowDoesNotDependOnEarlierRows(t *testing.T) {
	table := columnOfEachType(t)
	e := schema.NewEncoder(table, nil)
	rows := []string{
		`{"id":1,"INT":2,"LONG":3}`, `{"LONG":3,"id":1,"INT":2}`, `{"id":1,"other":0,"LONG":3}`, "{\"id\":1,\"INT\":2,\"STRING\":\"\xff\"}",
		`{"other":0,"INT":2,"id":1,"LONG":3}`, `{"id":1}`, `{"INT":2}`, `{"id":1,"INT":2,"INT":3}`, `{"id":1,"JSON":[1`,
	}
	for i, first := range rows {
		for _, second := range rows[i:] {
			for _, row := range []string{first, second, first} {
				want, wantErr := schema.NewEncoder(table, nil).AppendDecoded([]byte(row), schema.Full)
				got, err := e.Append(nil, []byte(row), schema.Full)
				require.Equal(t, wantErr, err)
				if err == nil {
					require.Equal(t, string(want), string(got))
				}
			}
		}
	}
}
