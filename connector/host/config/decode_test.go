package config_test

import (
	"encoding/json"
	"math"
	"math/big"
	"net/url"
	"strconv"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
)

type numbers struct {
	source
	I64 int64   `json:"i64,omitempty"`
	U64 uint64  `json:"u64,omitempty"`
	I8  int8    `json:"i8,omitempty"`
	F64 float64 `json:"f64,omitempty"`
	F32 float32 `json:"f32,omitempty"`
}

func TestNumbersAreReadAsTheJSONSchemaAllowsThem(t *testing.T) {
	for _, test := range []struct {
		configuration string
		want          numbers
	}{
		{`{"i64":100}`, numbers{I64: 100}},
		{`{"i64":"100"}`, numbers{I64: 100}},
		{`{"i64":100.0}`, numbers{I64: 100}},
		{`{"i64":1e2}`, numbers{I64: 100}},
		{`{"i64":"100.0"}`, numbers{I64: 100}},
		{`{"i64":" 1E+2 "}`, numbers{I64: 100}},
		{`{"i64":1000e-1}`, numbers{I64: 100}},
		{`{"i64":0.00001e7}`, numbers{I64: 100}},
		{`{"i64":-1.5e1}`, numbers{I64: -15}},
		{`{"i64":0e1000000000000,"u64":-0.0}`, numbers{}},
		{`{"i64":9223372036854775807}`, numbers{I64: math.MaxInt64}},
		{`{"i64":-9223372036854775808.0}`, numbers{I64: math.MinInt64}},
		{`{"i64":"922337203685477580.7e1"}`, numbers{I64: math.MaxInt64}},
		{`{"u64":18446744073709551615}`, numbers{U64: math.MaxUint64}},
		{`{"u64":"1.8446744073709551615e19"}`, numbers{U64: math.MaxUint64}},
		{`{"i8":-1.28e2}`, numbers{I8: -128}},
		{`{"f64":1e308,"f32":"0.5"}`, numbers{F64: 1e308, F32: 0.5}},
		{`{"f64":"1e-1000000000"}`, numbers{}},
	} {
		got, err := decode(t, &numbers{}, test.configuration)
		require.NoError(t, err, test.configuration)
		assert.Equal(t, &test.want, got, test.configuration)
	}
}

func TestNumbersThatDoNotFitAreRejected(t *testing.T) {
	for configuration, want := range map[string]string{
		`{"i64":100.5}`:                 "i64: want a whole number",
		`{"i64":"100.5"}`:               "i64: want a whole number",
		`{"i64":1e-1}`:                  "i64: want a whole number",
		`{"i64":1e-1000000000000}`:      "i64: want a whole number",
		`{"i64":9223372036854775808}`:   "i64: want a whole number in range",
		`{"i64":1e400}`:                 "i64: want a whole number in range",
		`{"i64":1e1000000000}`:          "i64: want a whole number in range",
		`{"i64":"1e99999999999999999"}`: "i64: want a whole number in range",
		`{"u64":18446744073709551616}`:  "u64: want a non-negative whole number in range",
		`{"u64":-1}`:                    "u64: want a non-negative whole number",
		`{"i8":128}`:                    "i8: want a whole number in range",
		`{"i64":"0x10"}`:                "i64: want a whole number",
		`{"i64":"1_000"}`:               "i64: want a whole number",
		`{"i64":"1e"}`:                  "i64: want a whole number",
		`{"i64":"1e+-1"}`:               "i64: want a whole number",
		`{"i64":"."}`:                   "i64: want a whole number",
		`{"i64":" "}`:                   "i64: want a whole number",
		`{"i64":true}`:                  "i64: want a whole number",
		`{"i64":[1]}`:                   "i64: want a whole number",
		`{"f64":1e400}`:                 "f64: want a number in range",
		`{"f64":"inf"}`:                 "f64: want a number",
		`{"f32":1e300}`:                 "f32: want a number in range",
	} {
		_, err := decode(t, &numbers{}, configuration)
		require.Error(t, err, configuration)
		assert.Equal(t, want, err.Error(), configuration)
		assert.Equal(t, connector.Configuration, connector.KindOf(err))
	}
}

type lists struct {
	source
	Names   []string                     `json:"names"`
	Ints    []int                        `json:"ints,omitempty"`
	Pair    [2]int                       `json:"pair,omitempty"`
	Objects []struct{ Port int }         `json:"objects,omitempty"`
	Nested  [][]int                      `json:"nested,omitempty"`
	Map     map[string]int               `json:"map,omitempty"`
	Maps    map[string]struct{ OK bool } `json:"maps,omitempty"`
}

func TestListsAreReadFromJSONAndFromWords(t *testing.T) {
	for configuration, want := range map[string]lists{
		`{"names":"a, b,"}`:                             {Names: []string{"a", "b"}},
		`{"names":",a,b"}`:                              {Names: []string{"a", "b"}},
		`{"names":"a,,b"}`:                              {Names: []string{"a", "b"}},
		`{"names":" , ,"}`:                              {Names: []string{}},
		`{"names":["a",""]}`:                            {Names: []string{"a", ""}},
		`{"names":"[\"a,b\"]"}`:                         {Names: []string{"a,b"}},
		`{"names":"a","ints":"1, 2.0,"}`:                {Names: []string{"a"}, Ints: []int{1, 2}},
		`{"names":"a","pair":"1,2"}`:                    {Names: []string{"a"}, Pair: [2]int{1, 2}},
		`{"names":"a","pair":[0,0]}`:                    {Names: []string{"a"}},
		`{"names":"a","objects":[{"Port":0}]}`:          {Names: []string{"a"}, Objects: []struct{ Port int }{{0}}},
		`{"names":"a","nested":[[1],"2,3"]}`:            {Names: []string{"a"}, Nested: [][]int{{1}, {2, 3}}},
		`{"names":"a","map":{"x":"0"}}`:                 {Names: []string{"a"}, Map: map[string]int{"x": 0}},
		`{"names":"a","maps":"{\"x\":{\"OK\":false}}"}`: {Names: []string{"a"}, Maps: map[string]struct{ OK bool }{"x": {}}},
	} {
		got, err := decode(t, &lists{}, configuration)
		require.NoError(t, err, configuration)
		assert.Equal(t, &want, got, configuration)
	}
}

func TestProblemsInListsAndMapsNameTheItem(t *testing.T) {
	for configuration, want := range map[string]string{
		`{"names":"a","pair":[1]}`:             "pair: want exactly 2 items",
		`{"names":"a","pair":"1,2,3"}`:         "pair: want exactly 2 items",
		`{"names":"a","pair":["x",1]}`:         "pair[0]: want a whole number",
		`{"names":"a","ints":[""]}`:            "ints[0]: want a whole number",
		`{"names":"a","objects":[{}]}`:         "objects[0].Port: is required",
		`{"names":"a","objects":["{\"P\""]}`:   "objects[0]: want a JSON object, complete and without syntax errors",
		`{"names":"a","map":{"x":""}}`:         "map.x: want a whole number",
		`{"names":"a","map":{"x":1,"x":2}}`:    "map.x: is given twice",
		`{"names":"[a"}`:                       "names: want a list: a JSON array or comma-separated words",
		`{"names":5}`:                          "names: want a list: a JSON array or comma-separated words",
		`{"names":[null]}`:                     "names[0]: want text",
		`{}`:                                   "names: is required",
		`{"names":"a","nested":[[1],["x",2]]}`: "nested[1][0]: want a whole number",
	} {
		_, err := decode(t, &lists{}, configuration)
		require.Error(t, err, configuration)
		assert.Equal(t, want, err.Error(), configuration)
	}
}

func TestAConfigurationThatIsNotAnObjectIsOneProblem(t *testing.T) {
	for configuration, want := range map[string]string{
		`[]`:                            "configuration: want a JSON object",
		`"{}"`:                          "configuration: want a JSON object",
		`{"api_key":"planted"`:          "configuration: want a JSON object, complete and without syntax errors",
		`{"api_key":"k"} {}`:            "configuration: want a JSON object, complete and without syntax errors",
		`planted`:                       "configuration: want a JSON object",
		`{"api_key":"a","api_key":"b"}`: "api_key: is given twice",
		"{\"api_key\":\"\xff\"}":        "api_key: want valid text",
		`{"api_key":"\ud800"}`:          "api_key: want valid text",
	} {
		c, err := decode(t, &shop{}, configuration)
		require.Error(t, err, configuration)
		assert.Equal(t, want, err.Error(), configuration)
		require.NotNil(t, c)
	}
	c, err := decode(t, &shop{}, `{"api_key":"planted","base_url":`)
	require.Error(t, err)
	assert.Equal(t, connector.Secret("planted"), c.(*shop).APIKey, "a host must know the secret in order to hide it")
}

func TestAnEmptyConfigurationLeavesTheDefaults(t *testing.T) {
	for _, configuration := range []string{``, ` `, `null`, "null\n", `{}`} {
		c, err := decode(t, &shop{APIKey: "k"}, configuration)
		require.NoError(t, err, configuration)
		assert.Equal(t, &shop{APIKey: "k"}, c)
	}
}

func TestUnknownNamesAreReturned(t *testing.T) {
	_, unknown, err := formOf(t, &rich{Size: 1, Wait: 1}).Decode([]byte(
		`{"refresh_token":"t","proxy":{"host":"h","zz":1,"aa":2},"extra":[{"host":"h","what":1}],"Region":"eu"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"proxy.aa", "proxy.zz", "extra[0].what", "Region"}, unknown)
}

// A level decodes itself from text and cannot encode itself.
type level int

func (l *level) UnmarshalText(text []byte) error {
	for i, name := range []string{"low", "high"} {
		if string(text) == name {
			*l = level(i + 1)
			return nil
		}
	}
	return strconv.ErrSyntax
}

// A window decodes itself from any JSON.
type window struct{ From, To int }

func (w *window) UnmarshalJSON(text []byte) error {
	var pair [2]int
	err := json.Unmarshal(text, &pair)
	w.From, w.To = pair[0], pair[1]
	return err
}

type selfReading struct {
	source
	Level  level           `json:"level,omitempty"`
	Window window          `json:"window,omitzero"`
	Total  big.Int         `json:"total,omitzero"`
	Home   url.URL         `json:"home,omitzero"`
	Raw    json.RawMessage `json:"raw,omitempty"`
	Any    any             `json:"any"`
	Price  json.Number     `json:"price,omitempty" jsonschema:"minimum=1"`
	Port   port            `json:"port,omitempty"`
}

// A port decodes itself from JSON and writes its own schema.
type port int

func (port) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "integer", Maximum: "65535"}
}

func (p *port) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, (*int)(p)) }

func TestTypesDecodeThemselves(t *testing.T) {
	got, err := decode(t, &selfReading{}, `{"level":"high","window":"[1,2]","total":"123456789012345678901234567890","home":"https://a.example/b","raw":"[1]","any":{"a":[1]},"price":"123456789012345678.10","port":"80"}`)
	require.NoError(t, err)
	c := got.(*selfReading)
	assert.Equal(t, level(2), c.Level)
	assert.Equal(t, window{1, 2}, c.Window)
	assert.Equal(t, "123456789012345678901234567890", c.Total.String())
	assert.Equal(t, "a.example", c.Home.Host)
	assert.Equal(t, json.Number("123456789012345678.10"), c.Price)
	assert.Equal(t, port(80), c.Port)
	assert.JSONEq(t, `[1]`, string(c.Raw))
	assert.Equal(t, map[string]any{"a": []any{1.0}}, c.Any)

	_, err = decode(t, &selfReading{}, `{"level":"planted","window":{"planted":1},"total":"planted","home":"planted:// /","raw":"[planted","any":1e400,"price":"planted","port":"planted"}`)
	require.Error(t, err)
	for _, want := range []string{
		"level: want a config_test.level", "window: want a config_test.window", "total: want a big.Int", "home: want a URL",
		"raw: want valid JSON", "any: want valid JSON", "price: want a number", "port: want a config_test.port",
	} {
		assert.Contains(t, err.Error(), want)
	}
	assert.NotContains(t, err.Error(), "planted")
	_, err = decode(t, &selfReading{}, `{"price":0.5,"port":70000}`)
	require.EqualError(t, err, "port: want at most 65535; price: want at least 1")
	_, err = decode(t, &selfReading{}, `{"price":1e1000000000}`)
	require.EqualError(t, err, "price: want a number in range")

	_, err = decode(t, &selfReading{Level: 1, Home: url.URL{Scheme: "https", Host: "a"}}, `{}`)
	require.NoError(t, err, "a default that cannot be encoded is valid")
}

func TestHugeNumbersInJSONAreRejected(t *testing.T) {
	type loose struct {
		source
		Raw json.RawMessage `json:"raw,omitempty" jsonschema:"oneof_type=integer;array"`
		Any any             `json:"any" jsonschema:"oneof_type=integer;string"`
	}
	for _, number := range []string{"1e1000000000", "-1e-1000000000", "1E+99999999999999999999"} {
		for _, configuration := range []string{`{"raw":` + number + `}`, `{"raw":"` + number + `"}`, `{"raw":[` + number + `]}`, `{"any":` + number + `}`} {
			_, err := decode(t, &loose{}, configuration)
			require.Error(t, err, configuration)
			assert.Contains(t, err.Error(), ": want valid JSON, with numbers in range", configuration)
			assert.Equal(t, connector.Configuration, connector.KindOf(err))
		}
	}
}

func TestAnObjectBehindAPointerKeepsItsDefaults(t *testing.T) {
	defaults := &rich{Size: 1, Wait: 1, Backup: &proxy{Host: "h", Password: "p"}}
	got, err := decode(t, defaults, `{"refresh_token":"t","proxy":{"host":"h"},"backup":{"password":"q"}}`)
	require.NoError(t, err)
	assert.Equal(t, &proxy{Host: "h", Password: "q"}, got.(*rich).Backup)
	assert.Equal(t, connector.Secret("p"), defaults.Backup.Password)
}

func TestADefaultInAnInterfaceIsNotWrittenTo(t *testing.T) {
	shared := &proxy{Host: "h"}
	got, err := decode(t, &rich{Token: "t", Proxy: proxy{Host: "h"}, Size: 1, Wait: 1, Filter: shared}, `{"filter":{"host":"x"}}`)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"host": "x"}, got.(*rich).Filter)
	assert.Equal(t, "h", shared.Host)
}

type switches struct {
	source
	On    bool `json:"on" jsonschema:"required"`
	Count int  `json:"count"`
	Limit int  `json:"limit,omitempty" jsonschema:"minimum=1"`
}

func TestZeroIsAValueOnlyIfTheConfigurationSetsIt(t *testing.T) {
	for configuration, want := range map[string]string{
		`{"on":false,"count":0}`:            "",
		`{"on":"false","count":"0"}`:        "",
		`{}`:                                "count: is required; on: is required",
		`{"on":"","count":null}`:            "count: is required; on: is required",
		`{"on":false,"count":0,"limit":0}`:  "limit: want at least 1",
		`{"on":false,"count":0,"limit":""}`: "",
	} {
		_, err := decode(t, &switches{}, configuration)
		if want == "" {
			require.NoError(t, err, configuration)
			continue
		}
		require.Error(t, err, configuration)
		assert.Equal(t, want, err.Error(), configuration)
	}
}

func BenchmarkFormOf(b *testing.B) {
	for b.Loop() {
		formOf(b, &rich{Size: 100})
	}
}

func BenchmarkDecode(b *testing.B) {
	form := formOf(b, &rich{Size: 100, Wait: 1})
	configuration := []byte(`{"refresh_token":"t","proxy":{"host":"h"},"page_size":"5"}`)
	for b.Loop() {
		_, _, err := form.Decode(configuration)
		require.NoError(b, err)
	}
}

// A long ID in a value of any type would otherwise be another ID.
func TestAnIntegerThatAFloatCannotHoldKeepsItsDigitsInAnAny(t *testing.T) {
	type filters struct {
		source
		Any any            `json:"any"`
		Map map[string]any `json:"map,omitempty"`
		All []any          `json:"all,omitempty"`
	}
	got, err := decode(t, &filters{}, `{"any":{"account":10158912345678901,"ids":[-9007199254740993,9007199254740992,5],"rate":0.1,"large":1e300,"none":null},
		"map":{"account":10158912345678901,"limit":5.0},"all":[10158912345678901,"x"]}`)
	require.NoError(t, err)
	c := got.(*filters)
	assert.Equal(t, map[string]any{
		"account": json.Number("10158912345678901"), "ids": []any{json.Number("-9007199254740993"), 9007199254740992.0, 5.0},
		"rate": 0.1, "large": 1e300, "none": nil,
	}, c.Any)
	assert.Equal(t, map[string]any{"account": json.Number("10158912345678901"), "limit": 5.0}, c.Map)
	assert.Equal(t, []any{json.Number("10158912345678901"), "x"}, c.All)

	got, err = decode(t, &filters{Any: "default"}, `{"any":10158912345678901}`)
	require.NoError(t, err)
	assert.Equal(t, json.Number("10158912345678901"), got.(*filters).Any)
	_, err = decode(t, &filters{}, `{"any":[1e400]}`)
	assert.EqualError(t, err, "any: want valid JSON, with numbers in range")
}
