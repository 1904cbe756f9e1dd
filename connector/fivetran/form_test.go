package fivetran_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A formed is a connector with a field of each kind.
type formed struct {
	Text     string            `json:"text" jsonschema:"title=A text,description=What to say"`
	Key      connector.Secret  `json:"key"`
	Refresh  string            `json:"refresh" jsonschema:"rotates"`
	Size     int               `json:"size" jsonschema:"minimum=1,maximum=1000"`
	Rate     float64           `json:"rate" jsonschema:"minimum=0"`
	Region   string            `json:"region" jsonschema:"enum=eu,enum=us"`
	Level    int               `json:"level,omitempty" jsonschema:"enum=1,enum=2"`
	Fresh    bool              `json:"fresh"`
	Wait     time.Duration     `json:"wait"`
	Tables   []string          `json:"tables"`
	Labels   map[string]string `json:"labels,omitempty" jsonschema:"description=Labels of rows"`
	Proxy    *proxy            `json:"proxy"`
	Address  url.URL           `json:"address,omitzero"`
	Anything any               `json:"anything"`
	Bytes    []byte            `json:"bytes,omitempty"`
}

// A blank is a connector whose fields the user may leave empty.
type blank struct {
	Region string  `json:"region"`
	Mode   string  `json:"mode" jsonschema:"enum=,enum=fast,enum=slow"`
	Size   int     `json:"size"`
	Fresh  bool    `json:"fresh"`
	Agreed bool    `json:"agreed" jsonschema:"required"`
	Debug  bool    `json:"debug"`
	Pairs  []proxy `json:"pairs,omitempty"`
	Routes []route `json:"routes,omitempty"`
}

type route struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func (b *blank) Schema(context.Context) (schema.Schema, error) { return schema.New("shop") }

// Test reports the configuration that it has received.
func (b *blank) Test(context.Context) error {
	return &connector.Error{Kind: connector.Configuration, Hint: "-", Err: errorText(fmt.Sprintf("%q %q %d %v %v %v", b.Region, b.Mode, b.Size, b.Fresh, b.Agreed, b.Debug))}
}

func (b *blank) Sync(context.Context, state.State, connector.Emitter) error { return nil }

type proxy struct {
	Host     string           `json:"host"`
	Password connector.Secret `json:"password"`
}

func (f *formed) Schema(context.Context) (schema.Schema, error) { return schema.New("shop") }

// Test reports the configuration that it has received.
func (f *formed) Test(context.Context) error {
	b, err := json.Marshal(map[string]any{
		"text": f.Text, "size": f.Size, "rate": f.Rate, "region": f.Region, "level": f.Level, "fresh": f.Fresh, "wait": f.Wait.String(),
		"tables": f.Tables, "labels": f.Labels, "host": f.Proxy.Host, "anything": f.Anything, "bytes": f.Bytes,
	})
	if err != nil {
		return err
	}
	return &connector.Error{Kind: connector.Configuration, Hint: "-", Err: errorText(b)}
}

func (f *formed) Sync(context.Context, state.State, connector.Emitter) error { return nil }

type errorText string

func (e errorText) Error() string { return string(e) }

func formOf(t *testing.T, c connector.Connector, d fivetran.Dialect) *protocol.Form {
	t.Helper()
	raw, err := served(t, c, d).call(t.Context(), protocol.MethodForm, nil)
	require.NoError(t, err)
	var m protocol.Form
	require.NoError(t, m.Parse(raw))
	return &m
}

func TestTheFormHasAnInputForEachField(t *testing.T) {
	t.Parallel()
	c := &formed{Size: 500, Rate: 0.5, Region: "eu", Fresh: true, Wait: time.Minute, Tables: []string{"a", "b"}}
	m := formOf(t, c, fivetran.PartnerSDK)
	assert.True(t, m.SchemaSelection)
	assert.True(t, m.TableSelection)
	assert.Equal(t, []protocol.ConfigurationTest{{Name: "connection", Label: "Check the connection"}}, m.Tests)
	assert.Equal(t, []protocol.FormField{
		{Name: "text", Label: "A text", Description: "What to say", Required: true},
		{Name: "key", Label: "Key", Type: protocol.PasswordField, Required: true},
		{Name: "refresh", Label: "Refresh", Type: protocol.PasswordField, Required: true},
		{Name: "size", Label: "Size", Description: "From 1 to 1000", Default: "500"},
		{Name: "rate", Label: "Rate", Description: "At least 0", Default: "0.5"},
		{Name: "region", Label: "Region", Type: protocol.DropdownField, Choices: []string{"eu", "us"}, Default: "eu"},
		{Name: "level", Label: "Level", Type: protocol.DropdownField, Choices: []string{"1", "2"}},
		{Name: "fresh", Label: "Fresh", Type: protocol.ToggleField, Default: "true"},
		{Name: "wait", Label: "Wait", Description: "A duration such as 30s or 1h30m", Default: "1m0s"},
		{Name: "tables", Label: "Tables", Description: `A JSON array such as ["a","b"], or words separated by commas`, Default: `["a","b"]`},
		{Name: "labels", Label: "Labels", Description: `A JSON object such as {"a":"b"}. Labels of rows`},
		{Name: "proxy", Label: "Proxy", Description: "A JSON object with the members host (required), password (required)", Type: protocol.PasswordField},
		{Name: "address", Label: "Address"},
		{Name: "anything", Label: "Anything", Description: "A JSON value"},
		{Name: "bytes", Label: "Bytes", Description: "Base64"},
	}, m.Fields)
}

func TestTheConnectorSDKsDialectShowsDefaultsAsPlaceholders(t *testing.T) {
	t.Parallel()
	m := formOf(t, &formed{Size: 500}, fivetran.ConnectorSDK)
	assert.Equal(t, protocol.FormField{Name: "size", Label: "Size", Description: "From 1 to 1000", Placeholder: "500"}, m.Fields[3])
}

func TestTheTextOfAFormIsConvertedToTheTypesOfTheFields(t *testing.T) {
	t.Parallel()
	failure := served(t, &formed{Size: 500, Rate: 0.5, Region: "eu"}, fivetran.PartnerSDK).test(t, map[string]string{
		"text": "hello", "key": "k-123456789", "refresh": "r-123456789", "size": "7", "rate": "1e2", "region": "us", "level": "2", "fresh": "true",
		"wait": "2h", "tables": "a, b", "labels": `{"x":"y"}`, "proxy": `{"host":"h","password":"p-123456789"}`, "anything": `[1]`, "bytes": "AP8=",
	})
	assert.Equal(t, `{"anything":[1],"bytes":"AP8=","fresh":true,"host":"h","labels":{"x":"y"},"level":2,"rate":100,"region":"us","size":7,"tables":["a","b"],"text":"hello","wait":"2h0m0s"}; -`, failure)
}

func TestAFieldThatIsLeftEmptyKeepsItsDefaultIfTheFormShowsItAsAPlaceholder(t *testing.T) {
	t.Parallel()
	defaults := &blank{Region: "eu", Mode: "fast", Size: 7, Fresh: true}
	left := map[string]string{"region": "", "mode": "", "size": "", "fresh": "", "agreed": "true", "debug": "", "pairs": "", "routes": ""}
	assert.Equal(t, `"eu" "fast" 7 true true false; -`, served(t, defaults, fivetran.ConnectorSDK).test(t, left))

	// This form holds the defaults, so the user has removed that of the region.
	left["mode"] = "fast"
	assert.Equal(t, `"" "fast" 7 true true false; -`, served(t, defaults, fivetran.PartnerSDK).test(t, left))
}

func TestAnEmptyTextForARequiredFieldIsAnError(t *testing.T) {
	t.Parallel()
	for _, d := range []fivetran.Dialect{fivetran.PartnerSDK, fivetran.ConnectorSDK} {
		failure := served(t, &blank{Mode: "fast"}, d).test(t, map[string]string{"region": "", "agreed": "", "nope": ""})
		assert.Contains(t, failure, "region: is required")
		assert.Contains(t, failure, "agreed: is required")
	}
}

func TestABoolIsADropdownIfAToggleThatIsNotTouchedWouldChangeIt(t *testing.T) {
	t.Parallel()
	bools := func(d fivetran.Dialect) []protocol.FormField { return formOf(t, &blank{Fresh: true}, d).Fields[3:6] }
	choices := []string{"true", "false"}
	assert.Equal(t, []protocol.FormField{
		{Name: "fresh", Label: "Fresh", Type: protocol.DropdownField, Choices: choices, Placeholder: "true"},
		{Name: "agreed", Label: "Agreed", Type: protocol.DropdownField, Choices: choices, Required: true},
		{Name: "debug", Label: "Debug", Type: protocol.ToggleField},
	}, bools(fivetran.ConnectorSDK))
	for _, f := range bools(fivetran.PartnerSDK) {
		assert.Equal(t, protocol.ToggleField, f.Type, f.Name)
	}
}

func TestADropdownHasNoEmptyChoice(t *testing.T) {
	t.Parallel()
	for _, d := range []fivetran.Dialect{fivetran.PartnerSDK, fivetran.ConnectorSDK} {
		mode := formOf(t, &blank{}, d).Fields[1]
		assert.Equal(t, protocol.DropdownField, mode.Type)
		assert.Equal(t, []string{"fast", "slow"}, mode.Choices)
	}
}

func TestTheFormSaysHowToEnterAListOfObjects(t *testing.T) {
	t.Parallel()
	fields := formOf(t, &blank{}, fivetran.PartnerSDK).Fields
	assert.Equal(t, "A JSON array of objects with the members host (required), password (required)", fields[6].Description)
	assert.Equal(t, protocol.PasswordField, fields[6].Type)
	assert.Equal(t, "A JSON array of objects with the members from (required), to (required)", fields[7].Description)
}

// A preset is a connector with defaults whose text is not that of fmt.Sprint.
type preset struct {
	Digits   any               `json:"digits"`
	Number   any               `json:"number"`
	Word     any               `json:"word"`
	True     any               `json:"true"`
	Bool     any               `json:"bool"`
	Raw      json.RawMessage   `json:"raw"`
	RawText  json.RawMessage   `json:"raw_text"`
	Object   any               `json:"object"`
	List     []string          `json:"list"`
	Items    []any             `json:"items"`
	Labels   map[string]string `json:"labels"`
	Text     string            `json:"text"`
	Huge     float64           `json:"huge" jsonschema:"enum=0.1,enum=1e21"`
	Negative float64           `json:"negative" jsonschema:"enum=-1e21,enum=1e21"`
	Zero     float64           `json:"zero" jsonschema:"enum=1,enum=10"`
	Word2    string            `json:"word2" jsonschema:"enum=1e21,enum=1e+21"`
	RawWord  *json.RawMessage  `json:"raw_word"`
}

func newPreset() *preset {
	word := json.RawMessage(`"<a>"`)
	return &preset{
		Digits: "5", Number: 5, Word: "a <b>", True: "true", Bool: true, Raw: json.RawMessage(`5`), RawText: json.RawMessage(`"5"`),
		Object: map[string]any{"a": "<"}, List: []string{"a<b", "c&d"}, Items: []any{"5", 5}, Labels: map[string]string{"x": "a>b"}, Text: "<5>",
		Huge: 1e21, Negative: -1e21, Zero: 10, Word2: "1e+21", RawWord: &word,
	}
}

func (*preset) Schema(context.Context) (schema.Schema, error) { return schema.New("shop") }

// Test reports the configuration that it has received.
func (p *preset) Test(context.Context) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return &connector.Error{Kind: connector.Configuration, Hint: "-", Err: errorText(b)}
}

func (*preset) Sync(context.Context, state.State, connector.Emitter) error { return nil }

func TestADefaultIsShownAsTheTextThatSetsIt(t *testing.T) {
	t.Parallel()
	got, all := map[string]string{}, map[string]string{}
	for _, f := range formOf(t, newPreset(), fivetran.PartnerSDK).Fields {
		got[f.Name], all[f.Name] = f.Default, f.Default
		if len(f.Choices) > 0 {
			assert.Contains(t, f.Choices, f.Default, f.Name)
		}
	}
	assert.Equal(t, map[string]string{
		"digits": `"5"`, "number": "5", "word": `"a <b>"`, "true": `"true"`, "bool": "true", "raw": "5", "raw_text": `"5"`,
		"object": `{"a":"<"}`, "list": `["a<b","c&d"]`, "items": `["5",5]`, "labels": `{"x":"a>b"}`, "text": "<5>",
		"huge": "1e21", "negative": "-1e21", "zero": "10", "word2": "1e+21", "raw_word": `"<a>"`,
	}, got)
	untouched := served(t, newPreset(), fivetran.PartnerSDK).test(t, nil)
	require.Contains(t, untouched, `"digits":"5","number":5,`)
	assert.Equal(t, untouched, served(t, newPreset(), fivetran.PartnerSDK).test(t, all))
}
