package airbyte_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Login decodes itself and writes its own JSON Schema: a choice of two objects.
type Login struct{ raw json.RawMessage }

func (l *Login) UnmarshalJSON(text []byte) error { l.raw = text; return nil }

func (Login) JSONSchema() *jsonschema.Schema {
	variant := func(text string) *jsonschema.Schema {
		var s jsonschema.Schema
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			panic(err)
		}
		return &s
	}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		variant(`{"title":"Key","type":"object","properties":{"type":{"const":"key"},"secret":{"type":"string","format":"password","writeOnly":true}}}`),
		variant(`{"title":"None","type":"object","properties":{"type":{"const":"none"}}}`),
	}}
}

// An Account is a connector with secrets and names that look like secrets.
type Account struct {
	Login         Login               `json:"login"`
	ClientSecret  connector.Secret    `json:"clientSecret,omitempty"`
	Nested        [][]string          `json:"nested,omitempty"`
	AccessKey     string              `json:"access_key,omitempty"`
	Token         int                 `json:"token,omitempty"`
	Keys          []string            `json:"key,omitempty"`
	UseToken      bool                `json:"use_token"`
	Monkeys       string              `json:"monkeys,omitempty"`
	JWT           map[string]string   `json:"jwt,omitempty"`
	Proxy         *Proxy              `json:"proxy" jsonschema:"nullable"`
	Vault         []connector.Secret  `json:"vault,omitempty" jsonschema:"nullable"`
	ServiceKeys   []map[string]string `json:"service_keys,omitempty"`
	Either        any                 `json:"either" jsonschema:"oneof_type=string;integer"`
	ServiceOfName string              `json:"service-account,omitempty"`
	AppToken      Named               `json:"app_token"`
	Pin           string              `json:"pin,omitempty" jsonschema:"format=password"`
	Phrase        string              `json:"phrase,omitempty" jsonschema:"format=password,writeOnly=true"`
	RefreshToken  string              `json:"refresh_token,omitempty" jsonschema:"rotates"`
}

// A Named decodes itself and writes its own JSON Schema: text.
type Named struct{ Login }

func (Named) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }

func (*Account) Schema(context.Context) (schema.Schema, error)              { return schema.New("s") }
func (*Account) Test(context.Context) error                                 { return nil }
func (*Account) Sync(context.Context, state.State, connector.Emitter) error { return nil }

func TestTheSpecificationMarksSecretsWhereverTheyAre(t *testing.T) {
	t.Parallel()
	a := serve(t, &Account{}, []string{"spec"})
	require.NoError(t, a.err)
	require.Len(t, a.lines, 1)
	assert.NotContains(t, a.raw[0], "writeOnly")
	assert.NotContains(t, a.raw[0], `"password"}`)
	var spec struct {
		Properties map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(a.lines[0].Spec.ConnectionSpecification, &spec))
	for name, want := range map[string]string{
		"login": `{"title":"Login","order":0,"oneOf":[{"title":"Key","type":"object","properties":{"type":{"const":"key"},"secret":{"type":"string","airbyte_secret":true}}},
			{"title":"None","type":"object","properties":{"type":{"const":"none"}}}]}`,
		"clientSecret": `{"title":"ClientSecret","type":"string","airbyte_secret":true,"order":1}`,
		"nested":       `{"title":"Nested","type":"array","items":{"type":"array","items":{"type":"string"}},"order":2}`,
		"access_key":   `{"title":"Access key","type":"string","airbyte_secret":false,"order":3}`,
		"token":        `{"title":"Token","type":"integer","airbyte_secret":false,"order":4}`,
		"key":          `{"title":"Key","type":"array","items":{"type":"string","airbyte_secret":false},"order":5}`,
		"use_token":    `{"title":"Use token","type":"boolean","order":6}`,
		"monkeys":      `{"title":"Monkeys","type":"string","order":7}`,
		"jwt":          `{"title":"Jwt","type":"object","additionalProperties":{"type":"string","airbyte_secret":false},"order":8}`,
		"proxy": `{"title":"Proxy","order":9,"type":"object","required":["url"],"properties":{"url":{"type":"string","minLength":1,"format":"uri","title":"Url","order":0},
			"password":{"type":"string","title":"Password","airbyte_secret":true,"order":1},"token":{"type":"string","title":"Token","airbyte_secret":false,"order":2}}}`,
		"vault":           `{"title":"Vault","order":10,"type":"array","items":{"type":"string","airbyte_secret":true}}`,
		"either":          `{"title":"Either","order":12}`,
		"app_token":       `{"title":"App token","type":"string","minLength":1,"airbyte_secret":false,"order":14}`,
		"pin":             `{"title":"Pin","type":"string","airbyte_secret":true,"order":15}`,
		"phrase":          `{"title":"Phrase","type":"string","airbyte_secret":true,"order":16}`,
		"refresh_token":   `{"title":"Refresh token","type":"string","airbyte_secret":true,"order":17}`,
		"service-account": `{"title":"Service account","type":"string","airbyte_secret":false,"order":13}`,
	} {
		assert.JSONEq(t, want, string(spec.Properties[name]), name)
	}
}
