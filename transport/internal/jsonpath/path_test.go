package jsonpath

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
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
		"data.items.1.line.items.0.sku":        `"a"`,
		"data.items.1.line.items.*.sku":        `"a"`,
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

// The name of a member may contain dots, as @odata.nextLink does (OData JSON 4.01 §4.5.5).
func TestAPathWithDotsAlsoFindsNamesWithDots(t *testing.T) {
	for _, tt := range []struct{ body, path, want string }{
		{`{"@odata.nextLink":1}`, "@odata.nextLink", "1"},
		{`{"meta":{"@odata.nextLink":1}}`, "meta.@odata.nextLink", "1"},
		{`{"a.b":{"c.d":1}}`, "a.b.c.d", "1"},
		{`{"a":{"b":1},"a.b":2}`, "a.b", "1"},
		{`{"a":{"x":1},"a.b":2}`, "a.b", "2"},
		{`{"a":{"b":{"x":1}},"a.b":{"c":2}}`, "a.b.c", "2"},
		{`{"a":{"b.c":1},"a.b":{"c":2}}`, "a.b.c", "1"},
		{`{"a":[{"b.c":1}]}`, "a.0.b.c", "1"},
		{`{"a\u002eb":1}`, "a.b", "1"},
		{`{"a.b":null}`, "a.b", "null"},
		{`{"a":null,"a.b":1}`, "a.b", "1"},
		{`{"a.b":1}`, "$.a.b", ""},
		{`{"a.b":1}`, "/a/b", ""},
		{`{"a.b":1}`, "/a.b", "1"},
		{`{"a.*":1}`, "a.*", ""},
	} {
		p, err := Parse(tt.path)
		require.NoError(t, err)
		doc, err := NewDocument([]byte(tt.body))
		require.NoError(t, err)
		v, ok, err := doc.Find(p)
		require.NoError(t, err)
		assert.Equal(t, tt.want != "", ok, "%s in %s", tt.path, tt.body)
		if ok {
			assert.Equal(t, tt.want, string(v.Of(doc.Body)), "%s in %s", tt.path, tt.body)
		}
	}
}

func TestRecordsAreFoundBelowANameWithDots(t *testing.T) {
	for path, want := range map[string]int{"odata.items": 2, "odata.items.*": 2, "odata.items.*.x": 0, "odata.none.*.x": 0} {
		p, err := Parse(path)
		require.NoError(t, err)
		doc, err := NewDocument([]byte(`{"odata.items":[{},{}],"odata.none":[]}`))
		require.NoError(t, err)
		records, err := doc.Records(p)
		if path == "odata.items.*.x" {
			assert.ErrorIs(t, err, sentinel.ErrNoRecords, path)
			continue
		}
		assert.NoError(t, err, path)
		assert.Len(t, records, want, path)
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
