package format_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
)

// xmlText has two entries, and one at another path.
const xmlText = `<?xml version="1.0" encoding="iso-8859-1"?><feed xmlns="x"><title>t</title><entries count="2">
		<entry id="1"><name>a` + "\xe9" + `</name><tag>x</tag><tag/><tag>y</tag></entry><other><entry id="9"/></other><entry id="2">text</entry></entries></feed>`

// xmlEntry is a record of xmlText.
type xmlEntry struct {
	ID   int64    `xml:"id,attr"`
	Name string   `xml:"name"`
	Tags []string `xml:"tag"`
}

func TestXMLDecodesTheElementsAtAPath(t *testing.T) {
	got, err := decodeString[xmlEntry](xmlText, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []xmlEntry{{1, "aé", []string{"x", "", "y"}}, {ID: 2}}, got)
	maps, err := decodeString[map[string]any](xmlText, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"@id": "1", "name": "aé", "tag": []any{"x", nil, "y"}}, {"@id": "2", "#text": "text"}}, maps)
	raws, err := decodeString[json.RawMessage](xmlText, format.XML{At: "feed.entries.entry"})
	require.NoError(t, err)
	assert.Equal(t, `{"#text":"text","@id":"2"}`, string(raws[1]))
	anys, err := decodeString[any](`<a><b>x</b><b/></a>`, format.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []any{"x", nil}, anys)

	got, err = decodeString[xmlEntry](`<feed><entries/></feed>`, format.XML{At: "feed.entries.entry"})
	assert.NoError(t, err)
	assert.Empty(t, got)
}

func TestXMLThatIsTruncatedOrWithoutThePathIsAnErrorOfItsKind(t *testing.T) {
	for text, want := range map[string]error{
		`<feed/>`: format.ErrNoRecords, `<html/>`: format.ErrNoRecords, ``: format.ErrCut, `<feed><entries><entry id="1">`: format.ErrCut, `<feed><entries>`: format.ErrCut,
	} {
		_, err := decodeString[xmlEntry](text, format.XML{At: "feed.entries.entry"})
		assert.ErrorIs(t, err, want, text)
	}
}

func TestXMLThatIsNestedTooDeeplyIsAnError(t *testing.T) {
	_, err := decodeString[any]("<a>"+strings.Repeat("<b>", 5000)+strings.Repeat("</b>", 5000)+"</a>", format.XML{At: "a.b"})
	assert.ErrorContains(t, err, "nested elements")
}

func TestOnlyARecordOfXMLIsLimited(t *testing.T) {
	const limit = 20_000
	read := func(text string) (ids []int64, err error) {
		err = format.Each(strings.NewReader(text), format.XML{At: "a.b"}, limit, func(e xmlEntry) bool {
			ids = append(ids, e.ID)
			return true
		})
		return ids, err
	}
	const record = `<b id="1"/>`
	other := "<other>" + strings.Repeat("<c>text</c>", limit) + "</other>"
	comments := strings.Repeat("<!-- text -->", limit)
	ids, err := read("<a>" + other + comments + record + comments + other + record + "</a>")
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 1}, ids)
	for _, text := range []string{
		"<a><b>" + strings.Repeat("<c>text</c>", limit) + "</b></a>",
		"<a><other>" + strings.Repeat("text", limit) + "</other></a>",
	} {
		_, err = read(text)
		assert.ErrorIs(t, err, format.ErrTooLarge, "memory is limited")
	}
	_, err = read("<a><other><c>")
	assert.ErrorIs(t, err, format.ErrCut)
}

func TestAPathToTheRootOfXMLIsAnError(t *testing.T) {
	_, err := decodeString[any]("<a/>", format.XML{At: "a"})
	assert.ErrorContains(t, err, "must name")
}

func TestTheCharsetOfAnXMLDocumentIsTheOneThatItDeclares(t *testing.T) {
	const want = "Café"
	for _, c := range []struct{ name, text string }{
		{"UTF-8", "<a><b>Café</b></a>"},
		{"ISO-8859-1", `<?xml version="1.0" encoding="ISO-8859-1"?><a><b>Caf` + "\xe9</b></a>"},
		{"windows-1252 in single quotes", `<?xml version='1.0' encoding='windows-1252' ?><a><b>Caf` + "\xe9</b></a>"},
		{"byte order mark and declaration", "\xef\xbb\xbf" + `<?xml version="1.0" encoding="ISO-8859-1"?><a><b>Café</b></a>`},
		{"UTF-16 that is UTF-8", `<?xml version="1.0" encoding="utf-16"?><a><b>Café</b></a>`},
		{"UTF-16", "\xff\xfe" + utf16LE(`<?xml version="1.0" encoding="UTF-16"?><a><b>Café</b></a>`)},
		{"UTF-16 without a byte order mark", utf16LE(`<?xml version="1.0" encoding="UTF-16"?><a><b>Café</b></a>`)},
		{"macintosh", `<?xml version="1.0" encoding="macintosh"?><a><b>Caf` + "\x8e</b></a>"},
	} {
		got, err := decodeString[string](c.text, format.XML{At: "a.b"})
		require.NoError(t, err, c.name)
		assert.Equal(t, []string{want}, got, c.name)
	}
	_, err := decodeString[string](`<?xml version="1.0" encoding="klingon"?><a/>`, format.XML{At: "a.b"})
	assert.ErrorContains(t, err, `unknown charset "klingon"`)
	log := recordDefaultLog(t)
	got, err := decodeString[string]("<a><b>Caf\xe9</b></a>", format.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []string{"Caf\uFFFD"}, got)
	assert.Contains(t, log.String(), "level=WARN")
}

// utf16LE returns a text of characters below U+0100 in UTF-16.
func utf16LE(text string) string {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r), 0)
	}
	return string(b)
}
