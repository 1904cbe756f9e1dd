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

func decodeXML(t *testing.T, text string, f format.XML) any {
	t.Helper()
	got, err := decodeString[any](text, f)
	require.NoError(t, err, text)
	require.Len(t, got, 1, text)
	return got[0]
}

func TestAnElementOfXMLThatListsNamesIsAListHoweverOftenItOccurs(t *testing.T) {
	f := format.XML{At: "orders.order", Lists: []string{"item", "note"}}
	for text, want := range map[string]any{
		`<items><item>a</item></items>`:               map[string]any{"items": map[string]any{"item": []any{"a"}}},
		`<items><item>a</item><item>b</item></items>`: map[string]any{"items": map[string]any{"item": []any{"a", "b"}}},
		`<items/>`:               map[string]any{"items": nil},
		`<items><item/></items>`: map[string]any{"items": map[string]any{"item": []any{nil}}},
		`<item><item x="1"/></item><item/><other>c</other>`: map[string]any{"item": []any{map[string]any{"item": []any{map[string]any{"@x": "1"}}}, nil}, "other": "c"},
		`<a item="1"><item>b</item></a>`:                    map[string]any{"a": map[string]any{"@item": "1", "item": []any{"b"}}},
	} {
		assert.Equal(t, want, decodeXML(t, "<orders><order>"+text+"</order></orders>", f), text)
	}
	_, err := decodeString[any]("<orders><order><Item/></order></orders>", f)
	assert.ErrorContains(t, err, `Lists names "item", but the element is "Item"`)
	for _, lists := range [][]string{{""}, {"items.item"}, {"@id"}, {"Item", "item"}} {
		_, err := decodeString[any]("<a><b/></a>", format.XML{At: "a.b", Lists: lists})
		assert.ErrorContains(t, err, "Lists", lists)
	}
}

func TestTheTextOfXMLIsKeptAndOnlyTheWhiteSpaceOfAnIndentedDocumentIsNot(t *testing.T) {
	for text, want := range map[string]any{
		`<b/>`: nil, `<b></b>`: nil, "<b>\n  </b>": nil, "<b>\r\n</b>": nil, `<b> </b>`: " ", `<b> x </b>`: " x ", "<b>\nx\n</b>": "\nx\n",
		`<b>a<!-- c -->b</b>`: "ab", `<b><![CDATA[<i>&nbsp;</i>]]></b>`: "<i>&nbsp;</i>", `<b>x<![CDATA[y]]>z</b>`: "xyz", `<b>&lt;&#65;&#x42;&amp;&quot;&apos;</b>`: `<AB&"'`,
		`<b id="1"><id>2</id></b>`: map[string]any{"@id": "1", "id": "2"}, `<b id="1"/>`: map[string]any{"@id": "1"}, "<b id=\"1\">\n x \n</b>": map[string]any{"@id": "1", "#text": "x"},
		`<b><?php x?>y</b>`: "y", `<b>100.0</b>`: "100.0", "<b>\n<c>\n</c>\n</b>": map[string]any{"c": nil},
	} {
		assert.Equal(t, want, decodeXML(t, "<a>"+text+"</a>", format.XML{At: "a.b"}), text)
	}
}

func TestAnElementOfXMLWithXSINilIsNull(t *testing.T) {
	const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	const i = ` xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	for text, want := range map[string]any{
		`<a` + xsi + `><b><c xsi:nil="true"/></b></a>`:            map[string]any{"c": nil},
		`<a` + i + `><b><c i:nil=" 1 "></c></b></a>`:              map[string]any{"c": nil},
		`<a><b><c` + i + ` i:nil="true"/></b></a>`:                map[string]any{"c": nil},
		`<a><b><c xsi:nil="true"/></b></a>`:                       map[string]any{"c": nil},
		`<a` + xsi + `><b><c xsi:nil="false">x</c></b></a>`:       map[string]any{"c": "x"},
		`<a` + xsi + `><b><c xsi:nil="true" unit="EUR"/></b></a>`: map[string]any{"c": map[string]any{"@unit": "EUR"}},
		`<a` + xsi + `><b><c xsi:nil="true"/><c>x</c></b></a>`:    map[string]any{"c": []any{nil, "x"}},
		`<a` + xsi + `><b xsi:nil="true"/></a>`:                   nil,
		`<a><b><c nil="true"/></b></a>`:                           map[string]any{"c": map[string]any{"@nil": "true"}},
	} {
		assert.Equal(t, want, decodeXML(t, text, format.XML{At: "a.b"}), text)
	}
	type record struct {
		Qty   *int64   `xml:"qty"`
		Price *float64 `xml:"price"`
		Names []string `xml:"names>name"`
	}
	got, err := decodeString[record](`<a`+xsi+`><b><qty xsi:nil="true"/><price xsi:nil="false">1.5</price><names><name xsi:nil="true"/><name>x</name></names></b><b><qty>1</qty></b></a>`, format.XML{At: "a.b"})
	require.NoError(t, err)
	price, qty := 1.5, int64(1)
	assert.Equal(t, []record{{Price: &price, Names: []string{"x"}}, {Qty: &qty}}, got)
	type text struct {
		Inner string `xml:",innerxml"`
	}
	inner, err := decodeString[text](`<a`+xsi+`><b><c xsi:nil="true"/> &lt;</b></a>`, format.XML{At: "a.b"})
	require.NoError(t, err)
	assert.Equal(t, []text{{`<c xsi:nil="true"/> &lt;`}}, inner)
}

func TestNamesOfXMLHaveThePrefixOfTheirNamespace(t *testing.T) {
	const text = `<rss xmlns:m="urn:media" xmlns:x="urn:link"><item><title>a</title><m:title>b</m:title><m:thumb x:href="1" href="2"/></item></rss>`
	assert.Equal(t, map[string]any{"title": "a", "media:title": "b", "media:thumb": map[string]any{"@link:href": "1", "@href": "2"}},
		decodeXML(t, text, format.XML{At: "rss.item", Prefixes: map[string]string{"urn:media": "media", "urn:link": "link"}}))
	assert.Equal(t, map[string]any{"title": []any{"a", "b"}, "thumb": map[string]any{"@href": []any{"1", "2"}}}, decodeXML(t, text, format.XML{At: "rss.item"}))
	type item struct {
		Title string `xml:"urn:media title"`
	}
	got, err := decodeString[item](text, format.XML{At: "rss.item"})
	require.NoError(t, err)
	assert.Equal(t, []item{{"b"}}, got)
}

func TestAnEntityThatXMLDoesNotDefineIsAnErrorThatSaysSo(t *testing.T) {
	for _, text := range []string{`<a><b>&nbsp;</b></a>`, `<!DOCTYPE a [<!ENTITY x "y">]><a><b>&x;</b></a>`, `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>&x;</b></a>`, `<a><c>&x;</c></a>`} {
		_, err := decodeString[any](text, format.XML{At: "a.b"})
		assert.ErrorContains(t, err, "XML defines only", text)
	}
}

func TestAMisspelledPathOfXMLIsAnErrorThatNamesTheElement(t *testing.T) {
	for text, want := range map[string]string{
		`<feed><title/><Entry/></feed>`:            "feed has no element entry, but Entry",
		`<feed><entries><entry/></entries></feed>`: "the elements entry are deeper, within feed.entries",
		`<feed><x><y><entry/></y></x></feed>`:      "the elements entry are deeper, within feed.x",
		`<feed><entries/></feed>`:                  "but entries",
		`<feed><entyr/></feed>`:                    "but entyr",
		`<Feed><entry/></Feed>`:                    `the root is "Feed"`,
	} {
		_, err := decodeString[any](text, format.XML{At: "feed.entry"})
		assert.ErrorIs(t, err, format.ErrNoRecords, text)
		assert.ErrorContains(t, err, want, text)
	}
	_, err := decodeString[any](`<a><b/><c><record/></c></a>`, format.XML{At: "a.records.record"})
	assert.ErrorContains(t, err, `found only "a", with the elements b, c`)
	for _, text := range []string{
		`<feed/>`, `<feed></feed>`, `<feed><title>t</title><updated/><link/><link/><author><name/></author></feed>`, `<feed><entry/><Entry/></feed>`, `<feed><entries><entry/></entries><entry/></feed>`,
	} {
		_, err := decodeString[any](text, format.XML{At: "feed.entry"})
		assert.NoError(t, err, text)
	}
	_, err = decodeString[any](`<r><products/><orders><product/></orders></r>`, format.XML{At: "r.products.product"})
	assert.NoError(t, err)
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

func TestTheErrorOfAnElementThatDoesNotFitNamesItsLineAndTheFix(t *testing.T) {
	type row struct {
		N int `xml:"n"`
	}
	_, err := decodeString[row]("<a>\n<b>\n<n>1.0</n></b></a>", format.XML{At: "a.b"})
	assert.ErrorContains(t, err, "line 3: ")
	assert.ErrorContains(t, err, "json.Number")
}

func TestTextThatIsNotXMLIsAnErrorThatSaysSo(t *testing.T) {
	for _, text := range []string{`{"error":"x"}`, "id,name\n", " none <a/>"} {
		_, err := decodeString[any](text, format.XML{At: "a.b"})
		assert.ErrorContains(t, err, "the text is not XML", text)
		assert.NotErrorIs(t, err, format.ErrCut, text)
	}
}
