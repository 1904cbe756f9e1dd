package singer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A configured connector delivers its configuration as a row.
type configured struct {
	Name  string `json:"name"`
	Count int64  `json:"count,omitempty"`
	Proxy struct {
		Host string `json:"host,omitempty"`
		Port int64  `json:"port,omitempty"`
	} `json:"proxy,omitzero"`
	Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`
}

func (c *configured) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.Table{Name: "settings"})
}
func (c *configured) Test(context.Context) error { return nil }
func (c *configured) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	if c.Token != "" {
		return connector.ReplaceSecret(ctx, "token", "key-9876543210")
	}
	return out.Upsert("settings", map[string]any{"name": c.Name, "count": c.Count, "host": c.Proxy.Host, "port": c.Proxy.Port})
}

func TestSeveralConfigurationsAreMerged(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"one":                     {[]string{`{"name":"a","count":9007199254740993}`}, `{"count":9007199254740993,"host":"","name":"a","port":0}`},
		"the later wins":          {[]string{`{"name":"a","count":1}`, `{"count":9007199254740993}`}, `{"count":9007199254740993,"host":"","name":"a","port":0}`},
		"objects are merged":      {[]string{`{"name":"a","proxy":{"host":"h","port":1}}`, `{"proxy":{"port":2}}`}, `{"count":0,"host":"h","name":"a","port":2}`},
		"a third file":            {[]string{`{"name":"a"}`, `{"name":"b"}`, `{"name":"c"}`}, `{"count":0,"host":"","name":"c","port":0}`},
		"text for a number":       {[]string{`{"name":"a","count":"7"}`}, `{"count":7,"host":"","name":"a","port":0}`},
		"an object and something": {[]string{`{"name":"a","proxy":null}`, `{"proxy":{"host":"h"}}`}, `{"count":0,"host":"h","name":"a","port":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			var args []string
			for i, content := range c.files {
				switch path := file(t, content); i {
				case 0:
					args = append(args, "--config", path)
				case 1:
					args = append(args, "--config="+path)
				default:
					args = append(args, "-c", path)
				}
			}
			messages, err := tap(t, &configured{}, call{args: args})
			require.NoError(t, err)
			assert.Equal(t, []string{"RECORD settings " + c.want}, texts(messages, "RECORD"))
		})
	}
}

func TestAConfigurationThatCannotBeUsedIsAnError(t *testing.T) {
	for content, want := range map[string]string{`[]`: "not a JSON object", `nonsense`: "not valid JSON", `{}`: "name: is required"} {
		_, err := tap(t, &configured{}, call{args: []string{"--config", file(t, content)}})
		require.ErrorIs(t, err, connector.Configuration)
		require.ErrorContains(t, err, want)
	}
	_, err := tap(t, &configured{}, call{args: []string{"--config", file(t, `{"name":"a"}`), "--config", file(t, "[]")}})
	require.ErrorContains(t, err, "not a JSON object")
	_, err = tap(t, &configured{}, call{args: []string{"--test"}})
	require.ErrorContains(t, err, "name: is required; name the file with the configuration with --config")
	_, err = tap(t, &configured{}, call{args: []string{"--nope"}})
	require.ErrorContains(t, err, "command line: flag provided but not defined")
}

func TestANewSecretCannotBeHandedBack(t *testing.T) {
	messages, err := tap(t, &configured{}, call{config: `{"name":"a","token":"key-0123456789"}`})
	require.ErrorIs(t, err, connector.ErrNotReplaced)
	assert.NotContains(t, texts(messages), "key-9876543210")
}

func TestATestOfTheConnectionHasAStatusAndNoMessage(t *testing.T) {
	out, err := rawOutput(t, &fixture.Shop{}, "--config", file(t, withKey), "--test")
	require.NoError(t, err)
	assert.Empty(t, out)
	refusing := &fixture.Shop{OnTest: func(context.Context) error { return errors.New("the key is wrong") }}
	out, err = rawOutput(t, refusing, "--config", file(t, withKey), "--test=all", "--state", "none.json", "--catalog", "none.json")
	require.ErrorContains(t, err, "the key is wrong")
	assert.Empty(t, out)
	messages, err := tap(t, shop(), call{config: withKey, args: []string{"--test=schema"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA orders", "SCHEMA carts"}, texts(messages))
}

// Meltano names the state of the last sync in the command line of discovery, too.
func TestDiscoveryReadsNeitherACatalogNorAState(t *testing.T) {
	_, err := output(t, &fixture.Shop{}, call{config: withKey, args: []string{"--discover", "--state", "none.json", "--catalog", "none.json"}})
	require.NoError(t, err)
}

func TestAPartialUpdateIsAnErrorThatNamesTheTable(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.False(t, out.TakesUpdates())
		return out.Update("orders", map[string]any{"id": 1, "total": "2.00"})
	}}
	messages, err := tap(t, c, call{config: withKey})
	require.ErrorContains(t, err, "orders")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Equal(t, []string{"SCHEMA orders", "SCHEMA carts", "STATE"}, texts(messages))
}
