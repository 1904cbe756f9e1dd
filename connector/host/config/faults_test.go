package config_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// methods implements connector.Connector. Structs embed it to become connectors.
type methods struct{}

func (methods) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.Table{Name: "t"})
}
func (methods) Test(context.Context) error                                 { return nil }
func (methods) Sync(context.Context, state.State, connector.Emitter) error { return nil }

// specOf returns the JSON Schema of a connector's configuration. FormOf may
// already reject a connector whose fields or tags are wrong.
func specOf(c connector.Connector) ([]byte, error) {
	form, err := config.FormOf(c)
	if err != nil {
		return nil, err
	}
	return form.Spec()
}

// decoded returns a copy of c that is filled in from a configuration.
func decoded[C connector.Connector](c C, configuration string) (C, error) {
	form, err := config.FormOf(c)
	if err != nil {
		return c, err
	}
	got, _, err := form.Decode([]byte(configuration))
	if err != nil {
		return c, err
	}
	return got.(C), nil
}

// propertyOf returns a field's property in the JSON Schema, or nil if the schema
// is rejected by an error that names the field.
func propertyOf(t *testing.T, c connector.Connector, goName, name string) map[string]any {
	t.Helper()
	spec, err := specOf(c)
	if err != nil {
		assert.Contains(t, err.Error(), goName, "the error must name the field")
		return nil
	}
	var s struct {
		Properties map[string]map[string]any `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(spec, &s))
	return s.Properties[name]
}

type commaInDescription struct {
	methods `json:"-"`
	Key     string `json:"key" jsonschema:"description=Your key, from Settings > API"`
}

type commaInTitle struct {
	methods `json:"-"`
	Key     string `json:"key" jsonschema:"title=Name, first and last"`
}

type commaInPattern struct {
	methods `json:"-"`
	Account string `json:"account" jsonschema:"pattern=^[0-9]{3,6}$"`
}

type misspelledOption struct {
	methods `json:"-"`
	N       int `json:"n" jsonschema:"minimun=1,maximum=10"`
}

type optionWithoutANumber struct {
	methods `json:"-"`
	N       int `json:"n" jsonschema:"minimum=one"`
}

type enumByComma struct { // the author means enum=eu,enum=us
	methods `json:"-"`
	Region  string `json:"region" jsonschema:"enum=eu,us"`
}

type requiredByOption struct {
	methods `json:"-"`
	Key     string `json:"key,omitempty" jsonschema:"required"`
}

func TestAValueInATagKeepsItsCommasOrIsRejected(t *testing.T) {
	t.Run("description", func(t *testing.T) {
		if p := propertyOf(t, &commaInDescription{}, "Key", "key"); p != nil {
			assert.Equal(t, "Your key, from Settings > API", p["description"])
		}
	})
	t.Run("title", func(t *testing.T) {
		if p := propertyOf(t, &commaInTitle{}, "Key", "key"); p != nil {
			assert.Equal(t, "Name, first and last", p["title"])
		}
	})
	t.Run("pattern", func(t *testing.T) {
		if p := propertyOf(t, &commaInPattern{}, "Account", "account"); p != nil {
			assert.Equal(t, "^[0-9]{3,6}$", p["pattern"])
			_, err := decoded(&commaInPattern{}, `{"account":"12345"}`)
			assert.NoError(t, err)
		}
	})
	t.Run("enum", func(t *testing.T) {
		if propertyOf(t, &enumByComma{}, "Region", "region") != nil {
			_, err := decoded(&enumByComma{}, `{"region":"us"}`)
			assert.NoError(t, err)
		}
	})
}

func TestAnOptionInATagThatHasNoEffectIsRejected(t *testing.T) {
	assert.Nil(t, propertyOf(t, &misspelledOption{}, "N", "n"))
	assert.Nil(t, propertyOf(t, &optionWithoutANumber{}, "N", "n"))
}

func TestTheOptionRequiredIsObeyed(t *testing.T) {
	_, err := decoded(&requiredByOption{}, `{}`)
	assert.Error(t, err)
}

type sizeAndNames struct {
	methods `json:"-"`
	Size    int      `json:"size,omitempty"`
	Names   []string `json:"names,omitempty"`
}

// To JSON Schema 2020-12 (core §6.3, validation §6.1.1), 100.0 is an integer.
func TestAnIntegerMayBeWrittenAsTheJSONSchemaAllows(t *testing.T) {
	for _, text := range []string{`100`, `"100"`, `100.0`, `1e2`} {
		t.Run(text, func(t *testing.T) {
			c, err := decoded(&sizeAndNames{}, `{"size":`+text+`}`)
			require.NoError(t, err)
			assert.Equal(t, 100, c.Size)
		})
	}
	t.Run("100.5", func(t *testing.T) {
		c, err := decoded(&sizeAndNames{}, `{"size":100.5}`)
		assert.Error(t, err, "decoded as %d", c.Size)
	})
}

func TestAListOfWordsHasNoEmptyItems(t *testing.T) {
	for _, text := range []string{`["a","b"]`, `"a,b"`, `"a, b"`, `"a, b,"`, `",a,b"`, `"a,,b"`} {
		t.Run(text, func(t *testing.T) {
			c, err := decoded(&sizeAndNames{}, `{"names":`+text+`}`)
			if err == nil {
				assert.Equal(t, []string{"a", "b"}, c.Names)
			}
		})
	}
}

type arrayField struct {
	methods `json:"-"`
	Pair    [2]int `json:"pair"`
}

type arrayWithinField struct {
	methods `json:"-"`
	Pairs   []struct {
		Pair [2]string `json:"pair"`
	} `json:"pairs"`
}

type mapByNumber struct {
	methods `json:"-"`
	ByID    map[int]string `json:"by_id"`
}

type mapByName struct {
	methods `json:"-"`
	ByName  map[string]string `json:"by_name"`
}

func TestEveryFieldOfTheJSONSchemaCanBeConfigured(t *testing.T) {
	for _, c := range []struct {
		name, goName, field, configuration string
		connector                          connector.Connector
	}{
		{"array", "Pair", "pair", `{"pair":[1,2]}`, &arrayField{}},
		{"array within", "Pairs", "pairs", `{"pairs":[{"pair":["a","b"]}]}`, &arrayWithinField{}},
		{"map with numbers as keys", "ByID", "by_id", `{"by_id":{"1":"x"}}`, &mapByNumber{}},
		{"map with names as keys", "ByName", "by_name", `{"by_name":{"a":"x"}}`, &mapByName{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec, err := specOf(c.connector)
			if err != nil {
				named := strings.Contains(err.Error(), c.field) || strings.Contains(err.Error(), c.goName)
				assert.True(t, named, "the error does not name the field: %v", err)
				return
			}
			_, err = decoded(c.connector, c.configuration)
			assert.NoError(t, err, "the JSON Schema has the field: %s", spec)
		})
	}
}
