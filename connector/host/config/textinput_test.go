package config_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADescriptionSaysHowToEnterAValueInALineOfText(t *testing.T) {
	type point struct {
		X string `json:"x"`
		Y int    `json:"y,omitempty"`
	}
	form := formOf(t, &struct {
		source
		Text    string            `json:"text" jsonschema:"description=What to say"`
		Address *url.URL          `json:"address"`
		Flag    bool              `json:"flag"`
		Both    int               `json:"both" jsonschema:"minimum=1,maximum=9"`
		Least   float64           `json:"least" jsonschema:"minimum=0.5,description=A rate"`
		Most    uint8             `json:"most" jsonschema:"maximum=7"`
		Any     int               `json:"any"`
		Choice  int               `json:"choice" jsonschema:"enum=1,enum=2,minimum=1"`
		Wait    time.Duration     `json:"wait" jsonschema:"description=How long"`
		Since   time.Time         `json:"since"`
		Words   []string          `json:"words"`
		Points  []point           `json:"points"`
		Maps    []map[string]int  `json:"maps"`
		Lists   [][]int           `json:"lists"`
		Values  []json.RawMessage `json:"values"`
		Labels  map[string]string `json:"labels"`
		Point   *point            `json:"point"`
		Value   any               `json:"value"`
		Raw     json.RawMessage   `json:"raw"`
		Bytes   []byte            `json:"bytes"`
	}{})
	got := map[string]string{}
	for _, f := range form.Fields {
		if text := f.TextInputDescription(); text != "" {
			got[f.Name] = text
		}
	}
	assert.Equal(t, map[string]string{
		"text": "What to say", "both": "From 1 to 9", "least": "At least 0.5. A rate", "most": "At most 7",
		"wait": "A duration such as 30s or 1h30m. How long", "since": "A time such as 2006-01-02T15:04:05Z, or a date",
		"words":  `A JSON array such as ["a","b"], or words separated by commas`,
		"points": "A JSON array of objects with the members x (required), y", "maps": "A JSON array of objects",
		"lists": "A JSON array of arrays", "values": "A JSON array", "labels": `A JSON object such as {"a":"b"}`,
		"point": "A JSON object with the members x (required), y", "value": "A JSON value", "raw": "A JSON value", "bytes": "Base64",
	}, got)
}

// A packager that reads the JSON Schema needs to tell text for json.RawMessage, which the
// decoder takes for JSON, from text for any, which it takes for text.
func TestTheSchemaSaysThatTextForARawMessageIsJSON(t *testing.T) {
	form := formOf(t, &struct {
		source
		Raw json.RawMessage `json:"raw,omitempty"`
		Any any             `json:"any"`
	}{})
	spec, err := form.Spec()
	require.NoError(t, err)
	assert.Contains(t, string(spec), `"raw":{"contentMediaType":"application/json","title":"Raw"}`)
	assert.Contains(t, string(spec), `"any":{"title":"Any"}`)
	c, _, err := form.Decode([]byte(`{"raw":"{\"x\":1}","any":"5"}`))
	require.NoError(t, err)
	for _, f := range form.Fields {
		switch f.Name {
		case "raw":
			assert.Equal(t, json.RawMessage(`{"x":1}`), f.Get(c))
		case "any":
			assert.Equal(t, "5", f.Get(c))
		}
	}
	_, _, err = form.Decode([]byte(`{"raw":{"x":1}}`))
	assert.NoError(t, err, "JSON that is no text")
}

func TestTheTextOfADefaultSetsIt(t *testing.T) {
	type settings struct {
		source
		Absent string            `json:"absent"`
		Text   string            `json:"text"`
		Flag   bool              `json:"flag"`
		Count  int64             `json:"count"`
		Wait   time.Duration     `json:"wait"`
		Huge   float64           `json:"huge" jsonschema:"enum=0.1,enum=1e21"`
		Word   string            `json:"word" jsonschema:"enum=1e21,enum=1e+21"`
		Words  []string          `json:"words"`
		Labels map[string]string `json:"labels"`
		Raw    json.RawMessage   `json:"raw"`
	}
	defaults := &settings{
		Text: "<5>", Flag: true, Count: 9007199254740993, Wait: time.Minute, Huge: 1e21, Word: "1e+21", Words: []string{"a<b", "c&d"},
		Labels: map[string]string{"x": "a>b"}, Raw: json.RawMessage(`"5"`),
	}
	got := map[string]string{}
	for _, f := range formOf(t, defaults).Fields {
		got[f.Name] = f.DefaultText()
	}
	assert.Equal(t, map[string]string{
		"absent": "", "text": "<5>", "flag": "true", "count": "9007199254740993", "wait": "1m0s", "huge": "1e21", "word": "1e+21",
		"words": `["a<b","c&d"]`, "labels": `{"x":"a>b"}`, "raw": `"5"`,
	}, got)
	got["absent"] = "x"
	configuration, err := json.Marshal(got)
	require.NoError(t, err)
	decoded, _, err := formOf(t, &settings{}).Decode(configuration)
	require.NoError(t, err)
	defaults.Absent = "x"
	assert.Equal(t, defaults, decoded)
}
