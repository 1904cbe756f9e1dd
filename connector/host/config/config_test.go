package config_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

type database struct {
	Host     string           `json:"host" jsonschema:"title=Host"`
	Port     int              `json:"port,omitempty"`
	Password connector.Secret `json:"password,omitempty"`
}

type common struct {
	Region string `json:"region,omitempty" jsonschema:"enum=eu,enum=us"`
}

type configured struct {
	shop
	common
	Count    int32              `json:"count,omitempty" jsonschema:"minimum=1,maximum=100"`
	Size     uint8              `json:"size,omitempty"`
	Ratio    float64            `json:"ratio,omitempty"`
	Verbose  bool               `json:"verbose"`
	Wait     time.Duration      `json:"wait,omitzero"`
	Since    time.Time          `json:"since,omitzero"`
	Names    []string           `json:"names,omitempty"`
	Numbers  []int              `json:"numbers,omitempty"`
	Tokens   []connector.Secret `json:"tokens,omitempty"`
	Labels   map[string]string  `json:"labels,omitempty"`
	Database *database          `json:"database"`
	Address  netip.Addr         `json:"address,omitzero"`
	Limit    *int               `json:"limit"`
	Raw      json.RawMessage    `json:"raw,omitempty"`
	Any      any                `json:"any,omitempty"`
	Client   func()             `json:"-"`
	hidden   int
}

func TestAConfigurationIsConvertedFromStringsAndFromJSON(t *testing.T) {
	limit := 5
	want := &configured{
		shop: shop{APIKey: "k"}, common: common{Region: "eu"}, Count: 7, Size: 200, Ratio: 0.5, Verbose: true,
		Wait: 90 * time.Minute, Since: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		Names: []string{"a", "b c"}, Numbers: []int{1, 2}, Tokens: []connector.Secret{"t1", "t2"},
		Labels: map[string]string{"x": "1"}, Database: &database{Host: "h", Port: 5432, Password: "p"},
		Address: netip.MustParseAddr("10.0.0.1"), Limit: &limit, Raw: json.RawMessage(`{"a":1}`),
	}
	for name, secrets := range map[string]string{
		"strings": `{"api_key":"k","region":"eu","count":"7","size":"200","ratio":"0.5","verbose":"true","wait":"1h30m",
			"since":"2026-01-02","names":"a, b c","numbers":"[1,2]","tokens":"t1,t2","labels":"{\"x\":\"1\"}",
			"database":"{\"host\":\"h\",\"port\":\"5432\",\"password\":\"p\"}","address":"10.0.0.1","limit":"5","raw":"{\"a\":1}"}`,
		"json": `{"api_key":"k","region":"eu","count":7,"size":200,"ratio":0.5,"verbose":true,"wait":"1h30m",
			"since":"2026-01-02T00:00:00Z","names":["a","b c"],"numbers":[1,"2"],"tokens":["t1","t2"],"labels":{"x":1},
			"database":{"host":"h","port":5432,"password":"p"},"address":"10.0.0.1","limit":5,"raw":{"a":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode(t, &configured{}, secrets)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestDefaultsAreKeptAndNeverWrittenTo(t *testing.T) {
	limit := 1
	defaults := &configured{
		shop: shop{APIKey: "default"}, Names: []string{"a"}, Labels: map[string]string{"a": "1"},
		Database: &database{Host: "h"}, Limit: &limit, hidden: 3,
	}
	got, err := decode(t, defaults, `{"names":"x,y","labels":{"b":"2"},"database":{"host":"other"},"limit":"9","count":"","wait":"","region":null}`)
	require.NoError(t, err)
	c := got.(*configured)
	assert.Equal(t, []string{"x", "y"}, c.Names)
	assert.Equal(t, map[string]string{"b": "2"}, c.Labels)
	assert.Equal(t, "other", c.Database.Host)
	assert.Equal(t, 9, *c.Limit)
	assert.Equal(t, 3, c.hidden)
	assert.Equal(t, connector.Secret("default"), c.APIKey)
	assert.Equal(t, "h", defaults.Database.Host)
	assert.Equal(t, 1, limit)
	assert.Equal(t, []string{"a"}, defaults.Names)
	assert.Equal(t, map[string]string{"a": "1"}, defaults.Labels)
}

func TestEveryProblemIsReportedAtOnceByFieldAndWithoutValues(t *testing.T) {
	_, err := decode(t, &configured{}, `{
		"base_url":"nonsense-value","region":"nonsense-value","count":"nonsense-value","size":"300","ratio":"NaN","verbose":"maybe",
		"wait":"30","since":"nonsense-value","names":{"a":1},"numbers":"1,nonsense-value","labels":"nonsense-value",
		"database":{"port":"nonsense-value"},"address":"nonsense-value","limit":"1.5","raw":"nonsense-value"}`)
	require.Error(t, err)
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	for _, want := range []string{
		"api_key: is required", "base_url: want a valid uri", "region: want one of eu, us", "count: want a whole number",
		"size: want a non-negative whole number in range", "ratio: want a number", "verbose: want true or false",
		`wait: want a duration with its unit, such as "30s"`, "since: want a time", "names: want a list",
		"numbers[1]: want a whole number", "labels: want a JSON object", "database.port: want a whole number",
		"database.host: is required", "address: want a netip.Addr", "limit: want a whole number", "raw: want valid JSON",
	} {
		assert.Contains(t, err.Error(), want)
	}
	assert.NotContains(t, err.Error(), "nonsense-value")
}

func TestTheRulesOfTheSchemaAreEnforced(t *testing.T) {
	for secrets, want := range map[string]string{
		`{"api_key":"k","count":"0"}`:   "count: want at least 1",
		`{"api_key":"k","count":101}`:   "count: want at most 100",
		`{"api_key":"k","region":"EU"}`: "region: want one of eu, us",
		`{"api_key":""}`:                "api_key: is required",
		`{}`:                            "api_key: is required",
	} {
		_, err := decode(t, &configured{}, secrets)
		require.Error(t, err, secrets)
		assert.Equal(t, want, err.Error(), secrets)
	}
}

type validated struct {
	shop
	User string `json:"user,omitempty"`
}

func (v *validated) Validate() error {
	if v.User == "" {
		return errors.Join(errors.New("user: is required with a key"), fmt.Errorf("key %s: is not for guests", v.APIKey.Reveal()))
	}
	return nil
}

func TestValidateRunsLast(t *testing.T) {
	c, err := decode(t, &validated{}, `{"api_key":"key-0123456789"}`)
	require.Error(t, err)
	text := err.Error()
	for _, secret := range config.Secrets(c) {
		text = strings.ReplaceAll(text, secret, "[redacted]") // as a host does
	}
	assert.Equal(t, "user: is required with a key\nkey [redacted]: is not for guests", text)
	_, err = decode(t, &validated{}, `{"api_key":"k","user":"u"}`)
	require.NoError(t, err)
}

type withChannel struct {
	shop
	Done chan int
}

type selfish struct {
	shop
	Next []selfish `json:"next,omitempty"`
}

func TestFormOfNamesAFieldThatCannotBeConfigured(t *testing.T) {
	_, err := config.FormOf(&withChannel{})
	require.ErrorContains(t, err, "config_test.withChannel.Done: a chan int can't be configuration")
	_, err = config.FormOf(&selfish{})
	require.ErrorContains(t, err, "config_test.selfish.Next: a configuration can't contain itself")
}

func TestTheSpecHasTitlesAndDefaultsButNoSecrets(t *testing.T) {
	spec, err := formOf(t, &configured{shop: shop{APIKey: "key-0123456789"}, Count: 5, Wait: time.Minute, Tokens: []connector.Secret{"tok-0123456789"}, Verbose: true}).Spec()
	require.NoError(t, err)
	assert.NotContains(t, string(spec), "0123456789")
	var s struct {
		Properties map[string]struct {
			Title   string
			Default any
			Format  string
		}
		Required []string
	}
	require.NoError(t, json.Unmarshal(spec, &s))
	for name, p := range s.Properties {
		assert.NotEmpty(t, p.Title, name)
	}
	assert.EqualValues(t, 5, s.Properties["count"].Default)
	assert.Equal(t, "1m0s", s.Properties["wait"].Default)
	assert.Equal(t, true, s.Properties["verbose"].Default)
	assert.Nil(t, s.Properties["api_key"].Default)
	assert.Nil(t, s.Properties["tokens"].Default)
	assert.Equal(t, "date-time", s.Properties["since"].Format)
	assert.Empty(t, s.Required)
}

type byValue struct{ connector.Connector }

func TestAConnectorMustBeAPointerToAStruct(t *testing.T) {
	_, err := config.FormOf(byValue{})
	require.Error(t, err)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, err.Error(), "a connector must be a pointer to a struct, not a config_test.byValue")
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"api_key":"k","count":"1"}`, `{"names":"a,b","database":"{}"}`, `{"labels":{"a":1},"raw":"["}`, `null`, `{"limit":1e400}`,
		`{"api_key":"a","api_key":"b"}`, `{"raw":1e1000000000,"any":[1e-1000000000],"numbers":"1e2,x"}`, "{\"api_key\":\"\xff\"}", `{"size":-0,"ratio":"0x"}`, ``, `[`, `{"a":`,
	} {
		f.Add([]byte(seed))
	}
	form := formOf(f, &configured{})
	f.Fuzz(func(t *testing.T, configuration []byte) {
		check := func(configuration []byte) string {
			c, _, err := form.Decode(configuration)
			require.NotNil(t, c)
			require.NoError(t, c.Test(context.Background()))
			if err == nil {
				return ""
			}
			if connector.KindOf(err) != connector.Configuration {
				t.Fatalf("an error that is not the user's to fix: %v", err)
			}
			return err.Error()
		}
		check(configuration)
		if marked, ok := mark(configuration); ok {
			assert.NotContains(t, check(marked), marker)
		}
	})
}

const marker = "mark7f3a9c"

// mark appends the marker to every text in a JSON object, except to the names of
// members, which errors may contain.
func mark(object []byte) ([]byte, bool) {
	var members map[string]any
	if json.Unmarshal(object, &members) != nil {
		return nil, false
	}
	marked, err := json.Marshal(markValue(members))
	return marked, err == nil
}

func markValue(v any) any {
	switch v := v.(type) {
	case string:
		return v + marker
	case []any:
		for i := range v {
			v[i] = markValue(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = markValue(v[name])
		}
	}
	return v
}
