package packaging_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
	"github.com/penstock-sdk/penstock/schema"
)

// shopTables are tables of two schemas, with a DECIMAL that declares its precision and one
// that does not.
var shopTables = []*schema.Table{
	{Schema: "shop", Name: "orders", Columns: []schema.Column{
		{Name: "line", Type: schema.TypeInt, PrimaryKey: true},
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
		{Name: "rate \"%\"", Type: schema.TypeDecimal},
		{Name: "updated_at", Type: schema.TypeUTCDatetime},
	}},
	{Schema: "log", Name: "events", Columns: []schema.Column{{Name: "data", Type: schema.TypeJSON}}},
}

// hosted returns the folder of a connector with the given JSON Schema and the tables of a shop.
func hosted(spec string) (packaging.Folder, error) {
	f := packaging.Fivetran{Program: &packaging.Program{ImportPath: "example.com/shop"}, Name: packaging.Name{Display: "Shop", ID: "shop"}, Platforms: both, Decimal: packaging.DecimalType{Precision: 38, Scale: 10}}
	return f.Texts([]byte(spec), shopTables)
}

// A packaged is the content of a penstock.json.
type packaged struct {
	Name   string
	Fields []struct {
		Name, Label, Kind, Description, Placeholder string
		Required, Secret, JSON                      bool
		Choices                                     []string
	}
	Tables []struct {
		Schema, Table string
		PrimaryKey    []string `json:"primary_key"`
		Columns       json.RawMessage
	}
}

func parsePackaged(t *testing.T, folder packaging.Folder) (p packaged) {
	t.Helper()
	require.NoError(t, json.Unmarshal(folder["penstock.json"].Content, &p))
	return p
}

func TestTheFilesOfAFolderForFivetran(t *testing.T) {
	t.Parallel()
	spec, err := (&packaging.Binary{Path: tap(t)}).Spec(t.Context())
	require.NoError(t, err)
	folder, err := hosted(string(spec))
	require.NoError(t, err)
	want, err := os.ReadFile("fivetran/connector.py")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(folder["connector.py"].Content), "connector.py is the same for every connector")
	delete(folder, "connector.py")
	golden(t, "fivetran", folder)
	assert.NotContains(t, strings.ReplaceAll(string(folder[".gitignore"].Content), "so bin/ must not be here", ""), "bin", "fivetran package leaves out what .gitignore names")
}

func TestAFolderForFivetranHoldsTheExecutables(t *testing.T) {
	t.Parallel()
	f := packaging.Fivetran{Program: find(t, everyField), Name: named(t, "Every"), Version: "1.2.3", Platforms: both[:1]}
	if runtime.GOARCH == "arm64" {
		f.Platforms = both[1:]
	}
	var errOut strings.Builder
	folder, err := f.Folder(t.Context(), &errOut)
	require.NoError(t, err, errOut.String())
	assert.Contains(t, errOut.String(), "Warning: the source replaces refresh_token during a sync")
	file := folder["bin/every-linux-"+f.Platforms[0].Arch]
	assert.True(t, file.Executable)
	program, err := elf.NewFile(bytes.NewReader(file.Content))
	require.NoError(t, err)
	libraries, err := program.ImportedLibraries()
	require.NoError(t, err)
	assert.Empty(t, libraries, "the executable must be static")
	assert.Nil(t, program.Section(".symtab"), "the executable must be stripped")
	assert.Len(t, folder, 6)
	p := parsePackaged(t, folder)
	assert.Equal(t, "every", p.Name)
	require.Len(t, p.Tables, 1)
	assert.Equal(t, "rows", p.Tables[0].Table)
}

func TestTablesAreWrittenAsTheConnectorSDKTakesThem(t *testing.T) {
	t.Parallel()
	folder, err := hosted(`{}`)
	require.NoError(t, err)
	tables := parsePackaged(t, folder).Tables
	assert.Equal(t, []string{"line", "id"}, tables[0].PrimaryKey)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, tables[0].Columns))
	assert.Equal(t, `{"line":"INT","id":"LONG","total":{"type":"DECIMAL","precision":12,"scale":2},"rate \"%\"":{"type":"DECIMAL","precision":38,"scale":10},"updated_at":"UTC_DATETIME"}`, compact.String())
	assert.Nil(t, tables[1].PrimaryKey)

	f := packaging.Fivetran{Program: &packaging.Program{ImportPath: "example.com/shop"}, Name: named(t, "shop"), Platforms: both}
	_, err = f.Texts([]byte(`{}`), shopTables)
	assert.EqualError(t, err, `DECIMAL columns without a precision: shop.orders.rate "%"; Fivetran's Connector SDK requires one: declare it in the connector with a tag such as schema:"precision=12,scale=2", or set it for all of these columns with -decimal 38,10`)
}

func TestKindsOfFormFields(t *testing.T) {
	t.Parallel()
	for fieldSchema, want := range map[string]string{
		`{"type":"string","title":"A b"}`:                                                          "text A b",
		`{"type":"string","description":"D.","default":"x y"}`:                                     "text a: D. [x y] x y",
		`{"type":"string","enum":["a","b"],"default":"a"}`:                                         "dropdown a [a] a (a,b)",
		`{"type":"integer","enum":[1,20]}`:                                                         "dropdown a (1,20)",
		`{"type":"integer","default":9007199254740993}`:                                            "text a [9007199254740993] 9007199254740993",
		`{"type":"boolean"}`:                                                                       "toggle a",
		`{"type":"boolean","default":false}`:                                                       "toggle a false",
		`{"type":"boolean","default":true}`:                                                        "dropdown a [true] true (true,false)",
		`{"type":"array","items":{"type":"string","enum":["a"]},"default":[ "a" ]}`:                `text a: A JSON array such as ["a","b"], or words separated by commas [["a"]] ["a"]`,
		`{"type":"array","items":{"type":"object","required":["x"],"properties":{"x":{},"y":{}}}}`: `text a: A JSON array of objects with the members x (required), y`,
		`{"type":"array","items":{"type":"object"}}`:                                               "text a: A JSON array of objects",
		`{"type":"array","items":{"type":"array","items":{"type":"integer"}}}`:                     "text a: A JSON array of arrays",
		`{"type":"array","items":true}`:                                                            "text a: A JSON array",
		`{"type":"array"}`:                                                                         "text a: A JSON array",
		`{"type":"array","items":{"type":"string"},"default":["<a>","\u003c&"]}`:                   `text a: A JSON array such as ["a","b"], or words separated by commas [["<a>","<&"]] ["<a>","<&"]`,
		`{"type":"object","properties":{"b":{"type":"string"}}}`:                                   `text a: A JSON object with the members b`,
		`{"type":"object","required":["c"],"properties":{"b":{},"c":{}}}`:                          `text a: A JSON object with the members b, c (required)`,
		`{"type":"object","properties":{}}`:                                                        `text a: A JSON object such as {"a":"b"}`,
		`{"type":"object","additionalProperties":{"type":"string"},"description":"D"}`:             `text a: A JSON object such as {"a":"b"}. D`,
		`{"type":"string","enum":["","b"]}`:                                                        "dropdown a (b)",
		`{"type":"string","enum":[""]}`:                                                            "text a",
		`{"type":"number","enum":[0.1,1e21],"default":1e+21}`:                                      "dropdown a [1e21] 1e21 (0.1,1e21)",
		`{"type":"integer","enum":[9007199254740992,9007199254740993],"default":9007199254740993}`: "dropdown a [9007199254740993] 9007199254740993 (9007199254740992,9007199254740993)",
		`{"type":"integer","minimum":1,"maximum":9}`:                                               "text a: From 1 to 9",
		`{"type":"number","minimum":0.5,"description":"D"}`:                                        "text a: At least 0.5. D",
		`{"oneOf":[{"type":"integer","maximum":7},{"type":"null"}]}`:                               "text a: At most 7",
		`{"type":"string","contentEncoding":"base64"}`:                                             "text a: Base64",
		`{"type":"string","format":"date-time"}`:                                                   "text a: A time such as 2006-01-02T15:04:05Z, or a date",
		`{"type":"string","examples":["30s","1h30m"]}`:                                             "text a: A duration such as 30s or 1h30m",
		`{"type":"object","properties":{"b":{"writeOnly":true}},"default":{"b":""}}`:               `password a: A JSON object with the members b`,
		`{"oneOf":[{"type":"integer"},{"type":"null"}],"default":null}`:                            "text a",
		`{"type":"string","format":"password","default":"hunter2"}`:                                "password a",
		`{"default":"5"}`:       `text a: A JSON value ["5"] "5" JSON`,
		`{"default":{"x":"<"}}`: `text a: A JSON value [{"x":"<"}] {"x":"<"} JSON`,
		`{"contentMediaType":"application/json","default":"5"}`: `text a: A JSON value ["5"] "5"`,
		`{"default":null}`: "text a: A JSON value JSON",
		`{}`:               "text a: A JSON value JSON",
		`true`:             "text a: A JSON value JSON",
	} {
		folder, err := hosted(`{"properties":{"a":` + fieldSchema + `}}`)
		require.NoError(t, err, fieldSchema)
		f := parsePackaged(t, folder).Fields[0]
		var initial map[string]string
		require.NoError(t, json.Unmarshal(folder["configuration.json"].Content, &initial))
		got := f.Kind + " " + f.Label
		if f.Description != "" {
			got += ": " + f.Description
		}
		if f.Placeholder != "" {
			got += " [" + f.Placeholder + "]"
		}
		if initial["a"] != "" {
			got += " " + initial["a"]
		}
		if f.Choices != nil {
			got += " (" + strings.Join(f.Choices, ",") + ")"
		}
		if f.JSON {
			got += " JSON"
		}
		assert.Equal(t, want, got, fieldSchema)
		assert.Equal(t, f.Kind == "password", f.Secret)
	}
}

func TestAFormHasItsFieldsInOrder(t *testing.T) {
	t.Parallel()
	folder, err := hosted(`{"required":["z"],"properties":{"z":{"type":"string"},"a":{"type":"string"}}}`)
	require.NoError(t, err)
	fields := parsePackaged(t, folder).Fields
	assert.Equal(t, "z", fields[0].Name)
	assert.True(t, fields[0].Required)
	assert.False(t, fields[1].Required)
	assert.Equal(t, "{\n  \"z\": \"\",\n  \"a\": \"\"\n}\n", string(folder["configuration.json"].Content))

	// A toggle that nobody has touched may arrive as false. That is no answer to a question.
	folder, err = hosted(`{"required":["a"],"properties":{"a":{"type":"boolean"}}}`)
	require.NoError(t, err)
	question := parsePackaged(t, folder).Fields[0]
	assert.Equal(t, "dropdown", question.Kind)
	assert.Equal(t, []string{"true", "false"}, question.Choices)
	assert.Equal(t, "{\n  \"a\": \"\"\n}\n", string(folder["configuration.json"].Content))

	folder, err = hosted(`{"type":"object"}`)
	require.NoError(t, err)
	assert.Equal(t, "{}\n", string(folder["configuration.json"].Content))
	assert.Contains(t, string(folder["penstock.json"].Content), "\n  \"fields\": [],\n")
}

func TestAFormThatTheConnectorSDKCannotShowIsAnError(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 101 {
		fmt.Fprintf(&many, `,"f%d":{}`, i)
	}
	_, err := hosted(`{"properties":{` + many.String()[1:] + `}}`)
	assert.EqualError(t, err, "the connector's configuration has 101 fields, but a Connector SDK connector can have 100: group some of them into an object, which the form takes as JSON")
	for _, spec := range []string{`[]`, `{"properties":{"a":[]}}`, `{"properties":[]}`, `{"properties":{"a":{"default":"x"`, `{"properties":{"a":{"type":"array","items":5}}}`} {
		_, err := hosted(spec)
		assert.ErrorContains(t, err, "parse the connector's spec", spec)
	}
}

func TestNoFileForFivetranContainsASecret(t *testing.T) {
	t.Parallel()
	folder, err := hosted(`{"properties":{"token":{"type":"string","writeOnly":true,"x-rotates":true,"default":"hunter2"},"list":{"type":"array","items":{"writeOnly":true},"default":["hunter2"]}}}`)
	require.NoError(t, err)
	for name, file := range folder {
		assert.NotContains(t, string(file.Content), "hunter2", name)
	}
	assert.Contains(t, string(folder["README.md"].Content), "The source may replace `token` during a sync.")
}

func TestParseFivetranPlatforms(t *testing.T) {
	t.Parallel()
	got, err := packaging.ParseFivetranPlatforms("linux/amd64, darwin/arm64,linux/amd64")
	require.NoError(t, err)
	assert.Equal(t, []packaging.Platform{{OS: "linux", Arch: "amd64"}, {OS: "darwin", Arch: "arm64"}}, got)
	for text, want := range map[string]string{
		"":                           `invalid platform ""`,
		"windows/amd64":              "platform windows/amd64: a folder for Fivetran serves amd64 and arm64 of linux and darwin",
		"linux/riscv64":              "platform linux/riscv64: a folder",
		"darwin/arm64, darwin/amd64": "one of them must be of linux",
	} {
		_, err := packaging.ParseFivetranPlatforms(text)
		assert.ErrorContains(t, err, want)
	}
}

func TestParseDecimalType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]packaging.DecimalType{"38,10": {Precision: 38, Scale: 10}, "5, 0": {Precision: 5}, "2,2": {Precision: 2, Scale: 2}} {
		got, err := packaging.ParseDecimalType(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "38", "38,", ",10", "0,0", "2,3", "3,-1", "38;10", "1,2,3", "a,b"} {
		_, err := packaging.ParseDecimalType(text)
		assert.ErrorContains(t, err, "invalid decimal type", text)
	}
}

func TestTheSchemaIsReadOverStdin(t *testing.T) {
	t.Parallel()
	b := script(t, `read -r request; echo '{"type":"SECRETS","secrets":{"a":"b"}}'
		[ "$request" = '{"secrets":{"key":"k"},"selection":{"action":"schema"}}' ] || exit 3
		echo '{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG"}}}}}}}'`)
	var got map[string]string
	replaced := func(secrets map[string]string) error { got = secrets; return nil }
	tables, err := b.Schema(t.Context(), map[string]string{"key": "k"}, replaced)
	require.NoError(t, err)
	require.Len(t, tables, 1)
	assert.Equal(t, "s.t", tables[0].String())
	assert.Equal(t, map[string]string{"a": "b"}, got)

	for code, want := range map[string]string{
		`echo '{"type":"LOG","log":{"level":"SEVERE","message":"no key"}}'; exit 1`: "ask example.com/shop for its schema: no key",
		`echo oops >&2; exit 3`: "exit status 3: oops",
		`exit 0`:                "the output ends without an answer",
		`echo '{"schemas":{"s":{"tables":{"t":{"columns":{"c":{"type":"NUMBER"}}}}}}}'`: "table s.t, column c",
	} {
		_, err := script(t, code).Schema(t.Context(), nil, nil)
		assert.ErrorContains(t, err, want, code)
	}
}
