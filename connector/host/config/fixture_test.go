package config_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A source has the methods of a connector and no fields.
type source struct{}

func (source) Schema(context.Context) (schema.Schema, error)              { return nil, nil }
func (source) Test(context.Context) error                                 { return nil }
func (source) Sync(context.Context, state.State, connector.Emitter) error { return nil }

type shop struct {
	source
	APIKey  connector.Secret `json:"api_key" jsonschema:"title=API key"`
	BaseURL string           `json:"base_url,omitempty" jsonschema:"title=Base URL,format=uri"`
}

func formOf(t testing.TB, c connector.Connector) *config.Form {
	t.Helper()
	form, err := config.FormOf(c)
	require.NoError(t, err)
	return form
}

// decode decodes a configuration. The values in c are the defaults.
func decode(t testing.TB, c connector.Connector, configuration string) (connector.Connector, error) {
	t.Helper()
	decoded, _, err := formOf(t, c).Decode([]byte(configuration))
	return decoded, err
}
