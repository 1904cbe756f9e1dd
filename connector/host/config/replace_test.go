package config_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A layered connector has an object with a required member.
type layered struct {
	Token connector.Secret `json:"token" jsonschema:"rotates"`
	Proxy struct {
		User     string           `json:"user"`
		Password connector.Secret `json:"password,omitempty" jsonschema:"rotates"`
	} `json:"proxy"`
	Keys []connector.Secret `json:"keys,omitempty"`
	More any                `json:"more,omitempty"`
}

func (*layered) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.Table{Name: "t"})
}
func (*layered) Test(context.Context) error                                 { return nil }
func (*layered) Sync(context.Context, state.State, connector.Emitter) error { return nil }

func TestReplaceChangesOneValueAndKeepsTheRest(t *testing.T) {
	form, err := config.FormOf(&layered{})
	require.NoError(t, err)
	for name, c := range map[string]struct{ configuration, field, want string }{
		"a field":       {`{"b":1.50,"token":"old","a":[1]}`, "token", `{"b":1.50,"token":"n\"ew","a":[1]}`},
		"a new field":   {`{"a":1}`, "token", `{"a":1,"token":"n\"ew"}`},
		"of nothing":    {``, "token", `{"token":"n\"ew"}`},
		"a member":      {`{"proxy":{"user":"u","password":"old"}}`, "proxy.password", `{"proxy":{"user":"u","password":"n\"ew"}}`},
		"in a file":     {"{\r\n\t\"//\": \"a note\",\r\n\t\"big\" : 12345678901234567890.10,\r\n    \"token\":\"old\"   ,\"x\":[ 1,2 ]\r\n}", "token", "{\r\n\t\"//\": \"a note\",\r\n\t\"big\" : 12345678901234567890.10,\r\n    \"token\":\"n\\\"ew\"   ,\"x\":[ 1,2 ]\r\n}"},
		"new in a file": {"{\n\t\"a\": 1\n}", "token", "{\n\t\"a\": 1,\n\t\"token\": \"n\\\"ew\"\n}"},
		"of no members": {"{\n}", "token", "{\"token\":\"n\\\"ew\"\n}"},
		"an escape":     {`{"to\u006ben":"old"}`, "token", `{"to\u006ben":"n\"ew"}`},
		"a new member":  {`{}`, "proxy.password", `{"proxy":{"password":"n\"ew"}}`},
		"within a text": {`{"proxy":"{\"user\":\"u\"}"}`, "proxy.password", `{"proxy":"{\"user\":\"u\",\"password\":\"n\\\"ew\"}"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := form.Replace([]byte(c.configuration), c.field, `n"ew`)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
		})
	}
	_, err = form.Replace([]byte(`{}`), "region", "x")
	require.ErrorContains(t, err, "the form has no text field region")
	_, err = form.Replace([]byte(`[]`), "token", "x")
	require.ErrorIs(t, err, connector.Configuration)
}

// An optional connector has an object that may be absent.
type optional struct {
	layered
	Login *struct {
		Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`
	} `json:"login"`
}

func TestAFieldOfAnOptionalObjectCanBeFoundAndReplaced(t *testing.T) {
	form, err := config.FormOf(&optional{})
	require.NoError(t, err)
	for configuration, want := range map[string]string{
		`{"login":{"token":"old","a":1}}`: `{"login":{"token":"new","a":1}}`, `{"login":null}`: `{"login":{"token":"new"}}`, `{}`: `{"login":{"token":"new"}}`,
	} {
		got, err := form.Replace([]byte(configuration), "login.token", "new")
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	found, ok := form.Lookup("login.token")
	assert.True(t, ok && found.Secret && found.Rotates)
	for _, name := range []string{"login.", "login.user", "keys[]", "proxy.password.more", ""} {
		_, ok := form.Lookup(name)
		assert.False(t, ok, name)
	}
}

func TestAnObjectWithARequiredMemberIsRequired(t *testing.T) {
	form, err := config.FormOf(&layered{})
	require.NoError(t, err)
	spec, err := form.Spec()
	require.NoError(t, err)
	var s struct{ Required []string }
	require.NoError(t, json.Unmarshal(spec, &s))
	assert.Equal(t, []string{"token", "proxy"}, s.Required)
	_, _, err = form.Decode([]byte(`{"token":"t"}`))
	require.ErrorContains(t, err, "proxy.user: is required")
}

func TestSpecWithAddsAPlatformsKeywords(t *testing.T) {
	form, err := config.FormOf(&layered{})
	require.NoError(t, err)
	var names []string
	spec, err := form.SpecWith(func(name string, f config.Field) map[string]any {
		names = append(names, name)
		switch {
		case name == "":
			return map[string]any{"$schema": "http://json-schema.org/draft-07/schema#", "additionalProperties": true}
		case name == "more":
			return map[string]any{"order": 4}
		case f.Secret:
			return map[string]any{"airbyte_secret": true, "format": nil, "title": "Key"}
		}
		return nil
	})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"", "token", "proxy.user", "proxy.password", "proxy", "keys[]", "keys", "more"}, names)
	assert.Contains(t, string(spec), `"token":{"type":"string","minLength":1,"title":"Key","writeOnly":true,"x-rotates":true,"airbyte_secret":true}`)
	assert.Contains(t, string(spec), `"more":{`)
	assert.Contains(t, string(spec), `"order":4`)
	assert.Contains(t, string(spec), `"$schema":"http://json-schema.org/draft-07/schema#"`)
	type property struct {
		Secret     bool `json:"airbyte_secret"`
		Properties map[string]property
		Items      *property
	}
	var s property
	require.NoError(t, json.Unmarshal(spec, &s))
	assert.True(t, s.Properties["token"].Secret)
	assert.True(t, s.Properties["proxy"].Properties["password"].Secret)
	assert.False(t, s.Properties["proxy"].Properties["user"].Secret)
	assert.True(t, s.Properties["keys"].Items.Secret)
	plain, err := form.Spec()
	require.NoError(t, err)
	assert.NotContains(t, string(plain), "airbyte", "the form is unchanged")
}

// A tagText connector has secrets whose type is string.
type tagText struct {
	layered
	Pin   string   `json:"pin" jsonschema:"format=password"`
	Codes []string `json:"codes" jsonschema:"format=password"`
	Login *struct {
		Refresh *string `json:"refresh" jsonschema:"rotates"`
		Name    string  `json:"name"`
	} `json:"login"`
	Logins map[string]struct {
		Pin string `json:"pin" jsonschema:"format=password"`
	} `json:"logins"`
}

func TestTextThatIsTaggedAsASecretIsOne(t *testing.T) {
	form, err := config.FormOf(&tagText{})
	require.NoError(t, err)
	c, _, err := form.Decode([]byte(`{"token":"s1","proxy":{"user":"u"},"pin":"s2","codes":["s3","s4"],"login":{"refresh":"s5","name":"n"},"logins":{"a":{"pin":"s6"}}}`))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"s1", "s2", "s3", "s4", "s5", "s6"}, slices.Compact(slices.Sorted(slices.Values(form.Secrets(c)))))
	assert.Equal(t, []string{"s1"}, config.Secrets(c), "the types alone do not tell")
	assert.Empty(t, form.Secrets(&tagText{}))
	assert.Empty(t, form.Secrets(&layered{}))

	var secret []string
	for name, f := range form.Walk() {
		if f.IsSecret() {
			secret = append(secret, name)
		}
	}
	assert.Equal(t, []string{"token", "proxy.password", "pin"}, secret)
	codes, ok := form.Lookup("codes")
	require.True(t, ok)
	assert.True(t, codes.Items.IsSecret())
}
