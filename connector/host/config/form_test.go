package config_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

type proxy struct {
	Host     string           `json:"host" jsonschema:"description=Where it is"`
	Password connector.Secret `json:"password,omitempty"`
}

type rich struct {
	source
	common
	Token   connector.Secret   `json:"refresh_token" jsonschema:"title=Token,rotates"`
	Size    int                `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
	Proxy   proxy              `json:"proxy"`
	Backup  *proxy             `json:"backup"`
	Extra   []proxy            `json:"extra,omitempty"`
	Keys    []connector.Secret `json:"keys,omitempty"`
	Limits  map[string]int     `json:"limits,omitempty"`
	Key     []byte             `json:"key,omitempty"`
	Filter  any                `json:"filter"`
	Home    *url.URL           `json:"home"`
	Since   time.Time          `json:"since,omitzero"`
	Pattern *string            `json:"pattern" jsonschema:"nullable,title=Names,pattern=^a"`
	Wait    time.Duration      `json:"wait"`
	Ratio   float32            `json:"ratio,omitempty"`
	Debug   bool               `json:"debug"`
}

func TestAFormIsTheConfigurationAsData(t *testing.T) {
	form := formOf(t, &rich{Size: 100, Wait: time.Minute, Keys: []connector.Secret{"k"}})
	fields := map[string]config.Field{}
	var names []string
	for _, f := range form.Fields {
		fields[f.Name] = f
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"region", "refresh_token", "page_size", "proxy", "backup", "extra", "keys", "limits", "key", "filter", "home",
		"since", "pattern", "wait", "ratio", "debug"}, names)

	kinds := map[string]config.Kind{}
	for name, f := range fields {
		kinds[name] = f.Kind
	}
	assert.Equal(t, map[string]config.Kind{
		"region": config.Text, "refresh_token": config.Text, "page_size": config.Integer, "proxy": config.Object, "backup": config.Object,
		"extra": config.List, "keys": config.List, "limits": config.Map, "key": config.Bytes, "filter": config.JSON, "home": config.Text,
		"since": config.Time, "pattern": config.Text, "wait": config.Duration, "ratio": config.Number, "debug": config.Bool,
	}, kinds)
	for name, want := range map[string]string{
		"page_size": "integer", "proxy": "object", "keys": "list", "limits": "map", "key": "bytes", "filter": "json", "since": "time",
		"wait": "duration", "ratio": "number", "debug": "bool", "region": "text",
	} {
		assert.Equal(t, want, fields[name].Kind.String())
	}

	token := fields["refresh_token"]
	assert.True(t, token.Secret && token.Required && token.Rotates)
	assert.Equal(t, "Token", token.Title)
	assert.Equal(t, "password", token.Format)
	assert.Nil(t, token.Default)

	size := fields["page_size"]
	assert.Equal(t, "Page size", size.Title)
	assert.Equal(t, json.Number("100"), size.Default)
	assert.Equal(t, json.Number("1"), size.Minimum)
	assert.Equal(t, json.Number("1000"), size.Maximum)
	assert.False(t, size.Required)

	assert.Equal(t, []any{"eu", "us"}, fields["region"].Choices)
	assert.Equal(t, "1m0s", fields["wait"].Default)
	assert.Equal(t, "uri", fields["home"].Format)
	assert.Equal(t, "date-time", fields["since"].Format)
	assert.Equal(t, "Names", fields["pattern"].Title)
	assert.Equal(t, "^a", fields["pattern"].Pattern)
	assert.Nil(t, fields["keys"].Default)
	assert.True(t, fields["keys"].Items.Secret)
	assert.Equal(t, config.Integer, fields["limits"].Items.Kind)

	for _, inner := range [][]config.Field{fields["proxy"].Fields, fields["backup"].Fields, fields["extra"].Items.Fields} {
		require.Len(t, inner, 2)
		assert.Equal(t, "host", inner[0].Name)
		assert.Equal(t, "Host", inner[0].Title)
		assert.Equal(t, "Where it is", inner[0].Description)
		assert.True(t, inner[0].Required)
		assert.True(t, inner[1].Secret)
		assert.False(t, inner[1].Required)
	}
}

func TestTheJSONSchemaSaysWhatTheFormSays(t *testing.T) {
	form := formOf(t, &rich{Size: 100})
	spec, err := form.Spec()
	require.NoError(t, err)
	assert.NotContains(t, string(spec), "\n")
	type node struct {
		Title      string
		Required   []string
		Properties map[string]*node
		Items      *node
		Rotates    bool `json:"x-rotates"`
	}
	var root node
	require.NoError(t, json.Unmarshal(spec, &root))
	var compare func(fields []config.Field, n *node)
	compare = func(fields []config.Field, n *node) {
		require.Len(t, n.Properties, len(fields))
		for _, f := range fields {
			p := n.Properties[f.Name]
			require.NotNil(t, p, f.Name)
			assert.Equal(t, f.Required, slices.Contains(n.Required, f.Name), f.Name)
			assert.Equal(t, f.Rotates, p.Rotates, f.Name)
			assert.NotEmpty(t, p.Title, f.Name)
			if f.Kind == config.Object {
				compare(f.Fields, p)
			}
			if f.Items != nil && f.Items.Kind == config.Object {
				compare(f.Items.Fields, p.Items)
			}
		}
	}
	compare(form.Fields, &root)
}

func TestTheSameConnectorGivesTheSameBytes(t *testing.T) {
	form := formOf(t, &shop{BaseURL: "https://api.example.com?a=1&b=2"})
	first, err := form.Spec()
	require.NoError(t, err)
	assert.Equal(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"api_key":{"type":"string","minLength":1,"format":"password",`+
		`"title":"API key","writeOnly":true},"base_url":{"type":"string","format":"uri","title":"Base URL",`+
		`"default":"https://api.example.com?a=1\u0026b=2"}},"type":"object","required":["api_key"]}`, string(first))
	first[0] = 'x' // the caller owns the bytes
	again, err := formOf(t, &shop{BaseURL: "https://api.example.com?a=1&b=2"}).Spec()
	require.NoError(t, err)
	assert.Equal(t, string(first[1:]), string(again[1:]))
	same, err := form.Spec()
	require.NoError(t, err)
	assert.Equal(t, again, same)
}

type inPointer struct{ Next *inPointer }

type endless *endless

type named struct {
	Region string `json:"region"`
}

type wrong[T any] struct {
	source
	Field T `json:"field"`
}

type embedsPointer struct {
	source
	*named
}

type embedsTagged struct {
	source
	named `jsonschema:"title=T"`
}

type embedsTime struct {
	source
	time.Time
}

type namesTwice struct {
	source
	named
	Region string `json:"region"`
}

func TestFieldsThatNoConfigurationCanSetAreRejectedByName(t *testing.T) {
	const keys = "the names in a JSON object are strings"
	for _, test := range []struct {
		c    connector.Connector
		want string
	}{
		{&wrong[map[int]string]{}, keys},
		{&wrong[[]map[int]string]{}, keys},
		{&wrong[map[string]map[bool]string]{}, keys},
		{&wrong[*map[int]string]{}, keys},
		{&wrong[[2]map[int]string]{}, keys},
		{&wrong[struct{ Inner map[int]string }]{}, keys},
		{&wrong[map[connector.Secret]int]{}, "the names in a JSON object are not secret"},
		{&embedsTagged{}, "jsonschema tag: an embedded struct is not a field"},
		{&wrong[chan int]{}, "a chan int can't be configuration: tag the field `json:\"-\"`"},
		{&wrong[func()]{}, "a func() can't be configuration"},
		{&wrong[complex64]{}, "a complex64 can't be configuration"},
		{&wrong[uintptr]{}, "a uintptr can't be configuration"},
		{&wrong[http.Handler]{}, "a http.Handler can't be configuration"},
		{&wrong[inPointer]{}, "a configuration can't contain itself"},
		{&wrong[endless]{}, "can't be configuration"},
		{&embedsPointer{}, "an embedded pointer can't be configuration: embed the struct itself"},
		{&embedsTime{}, "an embedded time.Time is one value"},
		{&namesTwice{}, "has the same name in the configuration, \"region\""},
	} {
		_, err := config.FormOf(test.c)
		require.Error(t, err, "%T", test.c)
		assert.Equal(t, connector.Defect, connector.KindOf(err))
		require.ErrorContains(t, err, test.want)
		assert.Contains(t, err.Error(), reflect.TypeOf(test.c).Elem().String()+".")
	}
	_, err := config.FormOf(&wrong[struct{ Inner map[int]string }]{})
	require.ErrorContains(t, err, ".Field.Inner: ")
}

func TestOnlyPointersToStructsHaveAForm(t *testing.T) {
	for _, c := range []connector.Connector{nil, source{}, (*shop)(nil)} {
		_, err := config.FormOf(c)
		require.ErrorContains(t, err, "a connector must be a pointer to a struct")
		assert.Equal(t, connector.Defect, connector.KindOf(err))
	}
}

func TestWalkVisitsLeavesByDottedNameThatCanBeChanged(t *testing.T) {
	c := &rich{common: common{Region: "eu"}, Token: "t", Proxy: proxy{Host: "h", Password: "p"}}
	form := formOf(t, c)
	fields := map[string]config.Field{}
	for path, f := range form.Walk() {
		fields[path] = f
	}
	assert.Contains(t, fields, "backup")
	assert.NotContains(t, fields, "proxy")
	assert.Equal(t, "eu", fields["region"].Get(c))
	assert.Equal(t, connector.Secret("p"), fields["proxy.password"].Get(c))

	changed, err := fields["proxy.password"].With(c, connector.Secret("other"))
	require.NoError(t, err)
	assert.Equal(t, connector.Secret("other"), changed.(*rich).Proxy.Password)
	assert.Equal(t, "h", changed.(*rich).Proxy.Host)
	assert.Equal(t, connector.Secret("p"), c.Proxy.Password)

	changed, err = fields["region"].Without(c)
	require.NoError(t, err)
	assert.Empty(t, changed.(*rich).Region)
	changed, err = fields["pattern"].With(c, "abc")
	require.NoError(t, err)
	assert.Equal(t, "abc", *changed.(*rich).Pattern)

	for _, value := range []any{5, nil, "text"} {
		_, err = fields["refresh_token"].With(c, value)
		require.ErrorContains(t, err, "set config_test.rich.Token: want a connector.Secret")
	}
	_, err = fields["region"].With(&shop{}, "eu")
	require.ErrorContains(t, err, "set config_test.rich.Region: a *config_test.shop has no such field")
	assert.Nil(t, fields["region"].Get(&shop{}))
	host := fields["backup"].Fields[0]
	assert.Nil(t, host.Get(c))
	_, err = host.With(c, "h")
	require.Error(t, err)

	for range form.Walk() {
		break // a caller may stop an iteration
	}
}

func TestLaterChangesToTheConnectorDoNotReachTheForm(t *testing.T) {
	c := &rich{Size: 5, Token: "t", Proxy: proxy{Host: "h"}, Wait: time.Second}
	form := formOf(t, c)
	c.Size = 7
	form.Fields[0].Name, form.Fields = "changed", nil
	got, _, err := form.Decode(nil)
	require.NoError(t, err)
	assert.Equal(t, 5, got.(*rich).Size)
}

func TestAFormServesManyGoroutines(t *testing.T) {
	form := formOf(t, &rich{Size: 5, Wait: time.Second})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := form.Spec()
			assert.NoError(t, err)
			_, _, err = form.Decode([]byte(`{"refresh_token":"t","proxy":{"host":"h"}}`))
			assert.NoError(t, err)
		})
	}
	group.Wait()
}

func TestAnInvalidDefaultIsADefect(t *testing.T) {
	valid := `{"refresh_token":"t","proxy":{"host":"h"},"page_size":1}`
	for name, test := range map[string]struct {
		c    rich
		want string
	}{
		"number":         {rich{Size: 5000, Wait: 1}, "config_test.rich.Size: the default is not valid: want at most 1000"},
		"choice":         {rich{common: common{Region: "5000"}, Wait: 1}, "config_test.rich.Region: the default is not valid: want one of eu, us"},
		"item":           {rich{Extra: []proxy{{}}, Wait: 1}, "config_test.rich.Extra.Host: the default is not valid: is required"},
		"behind pointer": {rich{Pattern: new("b"), Wait: 1}, "config_test.rich.Pattern: the default is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, err := formOf(t, &test.c).Decode([]byte(valid))
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			assert.NotContains(t, err.Error(), "5000")
			require.NotNil(t, c)
			assert.Equal(t, connector.Secret("t"), c.(*rich).Token)
		})
	}
	_, _, err := formOf(t, &rich{Backup: &proxy{}, Wait: 1}).Decode([]byte(`{"refresh_token":"t","proxy":{"host":"h"},"page_size":1,"backup":{"host":"h"}}`))
	require.NoError(t, err, "the configuration may complete a default")
}

type keyed struct {
	source
	Key connector.Secret `json:"key" jsonschema:"pattern=^sk-"`
}

func TestAWrongSecretInTheConnectorIsAConfigurationError(t *testing.T) {
	_, err := decode(t, &keyed{Key: "other"}, `{}`)
	require.Error(t, err)
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	assert.Equal(t, "key: want text that matches ^sk-", err.Error())
}

func TestSecretsAreFoundAnywhere(t *testing.T) {
	type deep struct {
		shop
		Map    map[string]connector.Secret
		Keys   map[connector.Secret]int
		List   [][]connector.Secret
		Any    any
		Ptr    **connector.Secret
		hidden []*proxy
		Self   any
		Time   time.Time
		Client *http.Client
		Nil    *proxy
	}
	s := connector.Secret("ptr")
	p := &s
	d := &deep{
		shop: shop{APIKey: "api"}, Map: map[string]connector.Secret{"a": "map"}, Keys: map[connector.Secret]int{"key": 1},
		List: [][]connector.Secret{{"list", ""}}, Any: connector.Secret("any"), Ptr: &p, hidden: []*proxy{{Password: "hidden"}},
		Client: http.DefaultClient,
	}
	d.Self = d
	found := slices.Compact(slices.Sorted(slices.Values(config.Secrets(d))))
	assert.Equal(t, []string{"any", "api", "hidden", "key", "list", "map", "ptr"}, found)
}

// A knot points to itself in many ways.
type knot struct {
	others [12]*knot
	key    connector.Secret
}

func TestSecretsAreFoundAmongValuesThatPointToEachOther(t *testing.T) {
	k := &knot{key: "key-0123456789"}
	for i := range k.others {
		k.others[i] = k
	}
	c := &struct {
		source
		cache *knot
	}{cache: k}
	assert.Equal(t, []string{"key-0123456789"}, config.Secrets(c))
}

func TestAFieldSaysWhetherTextSetsItToTheJSONInIt(t *testing.T) {
	type c struct {
		source
		Raw     json.RawMessage  `json:"raw"`
		Pointer *json.RawMessage `json:"pointer"`
		Any     any              `json:"any"`
		Text    string           `json:"text"`
	}
	form := formOf(t, &c{})
	got, _, err := form.Decode([]byte(`{"raw":"\"5\"","pointer":"5","any":"5","text":"5"}`))
	require.NoError(t, err)
	five := json.RawMessage(`5`)
	assert.Equal(t, &c{Raw: json.RawMessage(`"5"`), Pointer: &five, Any: "5", Text: "5"}, got)
	for name, f := range form.Walk() {
		assert.Equal(t, name == "raw" || name == "pointer", f.TakesJSONText(), name)
	}
}
