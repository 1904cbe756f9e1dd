package config_test

import (
	"encoding/json"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// ruled is a connector with a field that takes any JSON and writes its own schema, which
// ruledBy sets.
type ruled struct {
	source
	Value ruledValue `json:"value,omitempty"`
}

type ruledValue struct{ raw json.RawMessage }

func (v *ruledValue) UnmarshalJSON(raw []byte) error {
	v.raw = append(json.RawMessage{}, raw...)
	return nil
}

func (v ruledValue) MarshalJSON() ([]byte, error) { return v.raw, nil }

func (ruledValue) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Extras: ruledSchema} }

var ruledSchema map[string]any

// ruledBy returns the form of a connector whose field value has a schema, which is a JSON
// object.
func ruledBy(t testing.TB, schema string) *config.Form {
	t.Helper()
	var keywords map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(schema), &keywords))
	ruledSchema = map[string]any{}
	for name, value := range keywords {
		ruledSchema[name] = value
	}
	form, err := config.FormOf(&ruled{})
	require.NoError(t, err)
	_, err = form.Spec()
	require.NoError(t, err)
	return form
}

// problemsOf returns the problems of a value, or "" if it obeys the schema.
func problemsOf(t testing.TB, form *config.Form, value string) string {
	t.Helper()
	_, _, err := form.Decode([]byte(`{"value":` + value + `}`))
	if err == nil {
		return ""
	}
	require.Equal(t, connector.Configuration, connector.KindOf(err), "%v", err)
	return err.Error()
}
