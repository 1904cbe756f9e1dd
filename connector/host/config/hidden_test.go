package config_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

const pastedKey = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"

type unused struct{}

func (unused) Schema(context.Context) (schema.Schema, error)              { return nil, nil }
func (unused) Test(context.Context) error                                 { return nil }
func (unused) Sync(context.Context, state.State, connector.Emitter) error { return nil }

type defaults struct {
	unused
	Token    connector.Secret    `json:"token"`
	Password string              `json:"password" jsonschema:"format=password"`
	Refresh  string              `json:"refresh" jsonschema:"rotates"`
	DSN      string              `json:"dsn"`
	URLs     []string            `json:"urls"`
	ByName   map[string][]string `json:"by_name"`
	Plain    string              `json:"plain"`
}

func TestNoDefaultThatHoldsASecretIsShown(t *testing.T) {
	form, err := config.FormOf(&defaults{
		Token: "hunter2hunter2", Password: "hunter2hunter2", Refresh: "hunter2hunter2", DSN: "postgres://app:hunter2hunter2@db.example.com/shop",
		URLs: []string{"https://hunter2hunter2@example.com"}, ByName: map[string][]string{"a": {"https://a:hunter2hunter2@example.com"}}, Plain: "https://example.com/?at=@a",
	})
	require.NoError(t, err)
	spec, err := form.Spec()
	require.NoError(t, err)
	assert.NotContains(t, string(spec), "hunter2")
	for name, f := range form.Walk() {
		assert.Equal(t, name == "plain", f.Default != nil, name)
	}
	c, _, err := form.Decode(nil)
	require.NoError(t, err, "the defaults apply although they are not shown")
	assert.Equal(t, "hunter2hunter2", c.(*defaults).Password)
}

func TestATagThatShowsASecretIsAnError(t *testing.T) {
	_, err := config.FormOf(&struct {
		unused
		Password string `json:"password" jsonschema:"format=password,default=hunter2"`
	}{Password: "hunter2"})
	require.ErrorContains(t, err, "a secret can't have a default")
}

type chosenNames struct {
	unused
	Headers map[string]string            `json:"headers,omitempty"`
	Limits  map[string]int               `json:"limits,omitempty"`
	Deep    map[string][]map[string]bool `json:"deep,omitempty"`
	Long    int                          `json:"a_field_with_a_name_of_more_than_forty_bytes_x509k3y,omitempty"`
}

func TestNamesThatTheConfigurationChoosesAreShownOnlyIfTheyLookLikeNames(t *testing.T) {
	form, err := config.FormOf(&chosenNames{})
	require.NoError(t, err)
	for configuration, want := range map[string]string{
		`{"limits":{"orders":"x"}}`:                                    "limits.orders: want a whole number",
		`{"limits":{"` + pastedKey + `":"x"}}`:                         "limits.[not shown]: want a whole number",
		`{"limits":{"{\"a\":\"hunter2\"}":1.5}}`:                       "limits.[not shown]: want a whole number",
		`{"headers":{"` + pastedKey + `":{}}}`:                         "headers.[not shown]: want text",
		`{"` + pastedKey + `":1,"` + pastedKey + `":1}`:                "[not shown]: is given twice",
		`{"deep":{"` + pastedKey + `":[{"a":"x"}]}}`:                   "want true or false",
		`{"a_field_with_a_name_of_more_than_forty_bytes_x509k3y":"x"}`: "a_field_with_a_name_of_more_than_forty_bytes_x509k3y: want a whole number",
	} {
		_, unknown, err := form.Decode([]byte(configuration))
		require.ErrorContains(t, err, want, configuration)
		text := err.Error() + strings.Join(unknown, " ")
		assert.NotContains(t, text, pastedKey[:9], configuration)
		assert.NotContains(t, text, "hunter2", configuration)
	}
	_, unknown, err := form.Decode([]byte(`{"page_size":1,"` + pastedKey + `":1,"a b":1}`))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"page_size", "[not shown]", "[not shown]"}, unknown)
}
