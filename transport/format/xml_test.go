package format_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

func TestDecodeXML(t *testing.T) {
	const text = `<?xml version="1.0" encoding="iso-8859-1"?><feed xmlns="x"><title>t</title><entries count="2">
		<entry id="1"><name>a` + "\xe9" + `</name><tag>x</tag><tag/><tag>y</tag></entry><other><entry id="9"/></other><entry id="2">text</entry></entries></feed>`
	type entry struct {
		ID   int64    `xml:"id,attr"`
		Name string   `xml:"name"`
		Tags []string `xml:"tag"`
	}
	got, err := decodeString[entry](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []entry{{1, "aé", []string{"x", "", "y"}}, {ID: 2}}, got)
	maps, err := decodeString[map[string]any](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"@id": "1", "name": "aé", "tag": []any{"x", nil, "y"}}, {"@id": "2", "#text": "text"}}, maps)
	raws, err := decodeString[json.RawMessage](text, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, `{"#text":"text","@id":"2"}`, string(raws[1]))
	anys, err := decodeString[any](`<a><b>x</b><b/></a>`, format.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []any{"x", nil}, anys)

	got, err = decodeString[entry](`<feed><entries/></feed>`, format.XML{At: "feed.entries.entry"})
	assert.NoError(t, err)
	assert.Empty(t, got)
	for text, want := range map[string]error{
		`<feed/>`: transport.ErrNoRecords, `<html/>`: transport.ErrNoRecords, ``: transport.ErrCut, `<feed><entries><entry id="1">`: transport.ErrCut, `<feed><entries>`: transport.ErrCut,
	} {
		_, err := decodeString[entry](text, format.XML{At: "feed.entries.entry"})
		assert.ErrorIs(t, err, want, text)
	}
	_, err = decodeString[any]("<a>"+strings.Repeat("<b>", 5000)+strings.Repeat("</b>", 5000)+"</a>", format.XML{At: "a.b"})
	assert.ErrorContains(t, err, "nested elements")
	_, err = decodeString[any]("<a/>", format.XML{At: "a"})
	assert.ErrorContains(t, err, "must name")
}
