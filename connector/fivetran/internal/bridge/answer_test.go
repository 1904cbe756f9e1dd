package bridge_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// conditional returns a field that is shown if the field auth has a value.
func conditional(value, name string) protocol.FormField {
	return protocol.FormField{
		Type: protocol.ConditionalField, Condition: protocol.Condition{Field: "auth", Text: new(value)},
		Fields: []protocol.FormField{{Name: name, Required: true, Type: protocol.PasswordField}},
	}
}

var form = protocol.Form{
	TableSelection: true,
	Fields: []protocol.FormField{
		{Name: "api_key", Label: "API key", Description: "Under Settings", Required: true, Type: protocol.PasswordField, Default: "never shown"},
		{Name: "region", Required: true, Type: protocol.DropdownField, Choices: []string{"eu", "us"}},
		{Name: "page_size", Default: "500", Placeholder: "500"},
		{Name: "verbose", Type: protocol.ToggleField, Required: true, Default: "false"},
		{Name: "auth", Label: "Method"},
		conditional("key", "key"), conditional("token", "token"), conditional("both", "token"),
	},
	Tests: []protocol.ConfigurationTest{{Name: "connect", Label: "Connecting"}, {Name: "rights"}},
}

func TestTheSpecIsTheFormAsAJSONSchema(t *testing.T) {
	s := (&source{form: form}).start(t)
	a := s.ask(t, `{"selection":{"action":"spec"}}`)
	require.NoError(t, a.err)
	require.Len(t, a.lines, 1)
	assert.JSONEq(t, `{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"type": "object",
		"properties": {
			"api_key": {"type": "string", "title": "API key", "description": "Under Settings", "format": "password", "writeOnly": true},
			"region": {"type": "string", "enum": ["eu", "us"]},
			"page_size": {"type": "string", "default": "500", "examples": ["500"]},
			"verbose": {"type": "boolean", "default": false},
			"auth": {"type": "string", "title": "Method"},
			"key": {"type": "string", "format": "password", "writeOnly": true},
			"token": {"type": "string", "format": "password", "writeOnly": true}
		},
		"required": ["region"]
	}`, a.lines[0])
}

func TestTheConfigurationIsSentAsText(t *testing.T) {
	var got map[string]string
	s := (&source{form: form, schema: func(r *protocol.SchemaRequest) (*protocol.SchemaResponse, error) {
		got = r.Configuration
		return &protocol.SchemaResponse{NotSupported: true}, nil
	}}).start(t)
	a := s.ask(t, `{"secrets":{"api_key":"k","region":null,"verbose":true,"limit":9007199254740993,"list":[1, {"a": 1.50}],"nested":{"a" : "b"}},"selection":{"action":"schema"}}`)
	require.NoError(t, a.err)
	assert.Equal(t, map[string]string{
		"api_key": "k", "verbose": "true", "limit": "9007199254740993", "list": `[1,{"a":1.50}]`, "nested": `{"a":"b"}`,
		"page_size": "500", // the default of the form
	}, got)
	assert.Contains(t, a.log, "limit, list, nested", "the log names the fields that the form does not have")
}

func TestATestRunsAllTestsOfTheForm(t *testing.T) {
	var names []string
	answers := map[string]error{}
	s := (&source{form: form, test: func(r *protocol.TestRequest) (*protocol.TestResponse, error) {
		names = append(names, r.Name)
		err := answers[r.Name]
		if failure, ok := err.(failed); ok {
			return &protocol.TestResponse{Failure: string(failure)}, nil
		}
		if err != nil {
			return nil, err
		}
		return &protocol.TestResponse{}, nil
	}}).start(t)
	ask := func(configuration string) string {
		a := s.ask(t, `{"secrets":`+configuration+`,"selection":{"action":"test"}}`)
		require.NoError(t, a.err)
		require.Len(t, a.lines, 1)
		_, _, err := stdin.ParseTest([]byte(a.lines[0]))
		require.NoError(t, err)
		return a.lines[0]
	}
	const complete = `{"api_key":"secret-key-0123","region":"eu","auth":"token","token":"t"}`
	assert.JSONEq(t, `{"status":"SUCCESS","message":"The connection works."}`, ask(complete))
	assert.Equal(t, []string{"connect", "rights"}, names)

	answers["rights"] = failed("the key secret-key-0123 may not read orders")
	assert.JSONEq(t, `{"status":"FAILURE","message":"rights: the key [redacted] may not read orders"}`, ask(complete))
	answers["connect"] = failed("no route")
	assert.JSONEq(t, `{"status":"FAILURE","message":"Connecting: no route"}`, ask(complete))
	answers["connect"] = status.Error(codes.Unauthenticated, "who are you?")
	assert.JSONEq(t, `{"status":"FAILURE","message":"Test: the source answers Unauthenticated: who are you?; correct the configuration"}`, ask(complete))

	names = nil
	assert.JSONEq(t, `{"status":"FAILURE","message":"fill in region, token; the form of the source requires it"}`, ask(`{"api_key":"k","region":"","auth":"both"}`))
	assert.Empty(t, names, "the form could not be saved, so no test runs")

	s.form.Tests = nil
	assert.JSONEq(t, `{"status":"SUCCESS","message":"The form of the source lists no test, so nothing was tested."}`, ask(complete))
}

// failed is the failure of a test, as opposed to that of a call.
type failed string

func (f failed) Error() string { return string(f) }

func TestTheSchemaListsTheTables(t *testing.T) {
	columns := []protocol.Column{id}
	for typ := protocol.Boolean; typ <= protocol.JSON; typ++ {
		columns = append(columns, protocol.Column{Name: string(rune('a' + typ)), Type: typ, Precision: 12, Scale: 2})
	}
	var response *protocol.SchemaResponse
	s := (&source{schema: func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error) { return response, nil }}).start(t)
	ask := func(o bridge.Options) *answer {
		o.Address = s.address
		return ask(t.Context(), t, `{"selection":{"action":"schema"}}`, o)
	}
	without := func(tables ...protocol.Table) *protocol.SchemaResponse {
		return &protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: &protocol.TableList{Tables: tables}}}
	}
	with := func(schemas ...protocol.Schema) *protocol.SchemaResponse {
		return &protocol.SchemaResponse{Tables: protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: schemas}}}
	}

	response = without(protocol.Table{Name: "orders", Columns: columns})
	assert.Equal(t, []string{`{"schemas":{"default_schema":{"tables":{"orders":{"columns":{"id":{"type":"LONG","primary_key":true},` +
		`"b":{"type":"BOOLEAN"},"c":{"type":"SHORT"},"d":{"type":"INT"},"e":{"type":"LONG"},"f":{"type":"DECIMAL","precision":12,"scale":2},` +
		`"g":{"type":"FLOAT"},"h":{"type":"DOUBLE"},"i":{"type":"NAIVE_DATE"},"j":{"type":"NAIVE_DATETIME"},"k":{"type":"UTC_DATETIME"},` +
		`"l":{"type":"BINARY"},"m":{"type":"XML"},"n":{"type":"STRING"},"o":{"type":"JSON"}}}}}}}`}, ask(bridge.Options{}).lines)
	assert.Contains(t, ask(bridge.Options{Schema: "shop"}).lines[0], `{"schemas":{"shop":`)

	untyped := protocol.Table{Name: "untyped", Columns: []protocol.Column{{Name: "key", PrimaryKey: true}, {Name: "value"}}}
	response = with(protocol.Schema{Name: "shop", Tables: []protocol.Table{untyped, {Name: "empty"}}}, protocol.Schema{Tables: []protocol.Table{untyped}})
	assert.Equal(t, []string{`{"schemas":{"shop":{"tables":{"untyped":{"columns":{"key":{"type":"STRING","primary_key":true}}},"empty":{"columns":{}}}},` +
		`"default_schema":{"tables":{"untyped":{"columns":{"key":{"type":"STRING","primary_key":true}}}}}}}`}, ask(bridge.Options{}).lines)

	response = &protocol.SchemaResponse{NotSupported: true}
	a := ask(bridge.Options{})
	assert.Equal(t, []string{`{"schemas":{}}`}, a.lines)
	assert.Contains(t, a.log, "schema_response_not_supported")

	twice := protocol.Table{Name: "orders", Columns: []protocol.Column{id, id}}
	for name, c := range map[string]struct {
		response *protocol.SchemaResponse
		want     string
	}{
		"nothing":           {&protocol.SchemaResponse{}, "the answer to Schema has no tables; set with_schema, without_schema or schema_response_not_supported"},
		"a time of day":     {without(protocol.Table{Name: "t", Columns: []protocol.Column{{Name: "c", Type: protocol.NaiveTime}}}), "table default_schema.t, column c: a source cannot declare NAIVE_TIME; declare the column as STRING"},
		"an unknown type":   {without(protocol.Table{Name: "t", Columns: []protocol.Column{{Name: "c", Type: 99}}}), "table default_schema.t, column c: 99 is not a type"},
		"a table twice":     {without(untyped, untyped), "table default_schema.untyped is declared twice"},
		"a column twice":    {without(twice), `"id"`},
		"names by case":     {without(protocol.Table{Name: "t"}, protocol.Table{Name: "T"}), "differ only in upper and lower case"},
		"no name":           {without(protocol.Table{}), "the name of the table is empty"},
		"an ambiguous name": {with(protocol.Schema{Tables: []protocol.Table{untyped}}, protocol.Schema{Name: "default_schema", Tables: []protocol.Table{{Name: "t"}}}), "choose another name with --schema"},
	} {
		response = c.response
		a := ask(bridge.Options{})
		require.Error(t, a.err, name)
		assert.Contains(t, severe(t, a), c.want, name)
	}
}

// severe returns the message of the last line, which must be a LOG of level SEVERE.
func severe(t *testing.T, a *answer) string {
	t.Helper()
	var line struct {
		Type string
		Log  struct{ Level, Message string }
	}
	last := a.lines[len(a.lines)-1]
	require.NoError(t, json.Unmarshal([]byte(last), &line), last)
	require.Equal(t, "LOG SEVERE", line.Type+" "+line.Log.Level, last)
	require.Error(t, a.err)
	assert.Equal(t, a.err.Error(), line.Log.Message)
	assert.Contains(t, a.log, "level=ERROR")
	return line.Log.Message
}

func TestARequestThatIsNotValidIsReported(t *testing.T) {
	for request, want := range map[string]string{
		"":                                       "it is empty",
		" \n":                                    "it is empty",
		"garbage":                                "it is not a JSON object",
		"{":                                      "it ends in the middle of the JSON object",
		"[]":                                     "it is not a JSON object",
		"{}{}":                                   "text follows the JSON object",
		`{"state":1}`:                            "state is not an object",
		`{"secrets":"k"}`:                        "secrets is not an object",
		`{"secrets":{"a":"1","a":"2"}}`:          "has a duplicate name",
		`{"selection":[]}`:                       "selection is not an object",
		`{"selection":{"action":"dance"}}`:       `unknown selection.action "dance"; want one of schema, test, spec, sync`,
		`{"selection":{"action":1}}`:             "selection.action is not a string",
		`{"selection":{"tables":{"shop":true}}}`: "selection.tables",
	} {
		a := ask(t.Context(), t, request, bridge.Options{Address: "localhost:1"})
		assert.Contains(t, severe(t, a), want, request)
		assert.Equal(t, connector.Configuration, connector.KindOf(a.err), request)
	}
	a := ask(t.Context(), t, "\uFEFF "+`{"selection":{"action":"spec"},"unknown":1}`, bridge.Options{Address: (&source{}).start(t).address})
	require.NoError(t, a.err)
}

func TestAnAddressWithoutASourceIsReported(t *testing.T) {
	for address, want := range map[string]string{
		"":                                 "is not an address; want the host and the port of a source, such as localhost:50051",
		"localhost":                        `"localhost" is not an address`,
		"127.0.0.1:1":                      "no source answers at 127.0.0.1:1: dial tcp 127.0.0.1:1: ",
		"sk_live_4eC39HqLyjWDarjtT1zdp7dc": "[not shown] is not an address",
	} {
		a := ask(t.Context(), t, syncRequest, bridge.Options{Address: address})
		assert.Contains(t, severe(t, a), want)
		assert.Equal(t, connector.Configuration, connector.KindOf(a.err))
	}
	a := ask(t.Context(), t, syncRequest, bridge.Options{Address: "127.0.0.1:1"})
	assert.Contains(t, severe(t, a), "; start the source there, or name the address of one that runs")
	a = ask(t.Context(), t, `{"selection":{"action":"test"}}`, bridge.Options{Address: "127.0.0.1:1"})
	require.NoError(t, a.err)
	assert.Contains(t, a.lines[0], `{"status":"FAILURE","message":"no source answers at`)
}

func TestAServerOfAnotherServiceIsReported(t *testing.T) {
	s := (&source{unimplemented: protocol.MethodForm}).start(t)
	a := s.ask(t, `{"selection":{"action":"spec"}}`)
	assert.Contains(t, severe(t, a), "ConfigurationForm: the source answers Unimplemented: unknown method ConfigurationForm; implement ConfigurationForm of the service fivetran_sdk.v2.SourceConnector, or name the address of a source")
}
