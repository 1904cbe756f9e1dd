package jsonpath

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const text = `{
	"data": {"items": [{"id": 1}, {"id": 2, "line.items": [{"sku": "a"}]}], "0": "zero", "it's": "quoted", "a\"b": "double", "*": "star"},
	"$values": [7],
	"é": "accent"
}`

// find returns the value at a path in text, and whether there is one.
func find(t *testing.T, path string) (string, bool) {
	t.Helper()
	p, err := Parse(path)
	require.NoError(t, err, path)
	doc, err := NewDocument([]byte(text))
	require.NoError(t, err)
	v, ok, err := doc.Find(p)
	require.NoError(t, err, path)
	if !ok {
		return "", false
	}
	return string(v.Of(doc.Body)), true
}

func TestThreeSpellingsOfAPathLeadToTheSameValue(t *testing.T) {
	for path, want := range map[string]string{
		"data.items.0.id":                      "1",
		"/data/items/0/id":                     "1",
		"$.data.items[0].id":                   "1",
		"$.data.items.0.id":                    "1",
		"$['data']['items'][0]['id']":          "1",
		`$["data"]["items"][0]["id"]`:          "1",
		"/data/items/1/line.items/0/sku":       `"a"`,
		"$.data.items[1]['line.items'][0].sku": `"a"`,
		"data.0":                               `"zero"`,
		"$.data['0']":                          `"zero"`,
		`$.data['it\'s']`:                      `"quoted"`,
		`$.data["it's"]`:                       `"quoted"`,
		`$.data['a"b']`:                        `"double"`,
		`$.data["a\"b"]`:                       `"double"`,
		`$.data['*']`:                          `"star"`,
		"/data/*":                              `"star"`,
		"$values.0":                            "7",
		"$['$values'][0]":                      "7",
		`$["\u00e9"]`:                          `"accent"`,
		"$.é":                                  `"accent"`,
		"$[ 'data' ][ \t'0' ]":                 `"zero"`,
		"$.data.items[*].id":                   "1",
		"$.data.items.*.id":                    "1",
		"data.items.*.id":                      "1",
	} {
		got, ok := find(t, path)
		assert.True(t, ok, path)
		assert.Equal(t, want, got, path)
	}
}

func TestAQuotedNameIsNotAnIndexAndAnIndexIsNotAName(t *testing.T) {
	for _, path := range []string{"$.data.items['0']", "$.data[0]", "$['data.items']", "$.data['items.0']"} {
		_, ok := find(t, path)
		assert.False(t, ok, path)
	}
}

func TestTheRootIsTheWholeText(t *testing.T) {
	for _, path := range []string{"", "$"} {
		got, ok := find(t, path)
		assert.True(t, ok, path)
		assert.Equal(t, text, got, path)
	}
}

func TestAPathThatIsNotSupportedIsAnErrorThatSaysWhy(t *testing.T) {
	for path, why := range map[string]string{
		"$..id":        "descendant segments",
		"$.a..b":       "descendant segments",
		"$.":           "empty",
		"a..b":         "empty",
		".a":           "empty",
		"$[?@.id > 1]": "only a quoted name",
		"$[0:2]":       "only a quoted name",
		"$[-1]":        "only a quoted name",
		"$[01]":        "only a quoted name",
		"$[]":          "only a quoted name",
		"$[id]":        "only a quoted name",
		"$['a','b']":   "several selectors",
		"$[0,1]":       "several selectors",
		"$['a'":        "not closed",
		"$['a":         "not closed",
		"$[":           "not closed",
		"$[0":          "not closed",
		"$['a'x]":      "not closed",
		"$['a']b":      "a dot is missing",
		`$['\x']`:      "not valid",
		"/a~":          "not a valid JSON Pointer",
	} {
		_, err := Parse(path)
		require.Error(t, err, path)
		assert.ErrorContains(t, err, why, path)
		assert.ErrorContains(t, err, "path", path)
	}
}
