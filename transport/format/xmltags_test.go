package format_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/format"
)

// readXML returns the records of a document and the warnings to the user.
func readXML[T any](t *testing.T, text string) (all []T, warnings []string) {
	t.Helper()
	ctx := userwarning.With(t.Context(), func(_, message string, _ int) { warnings = append(warnings, message) })
	for v, err := range format.DecodeContext[T](ctx, strings.NewReader(text), format.Gzip(format.XML{At: "rows.row"})) {
		require.NoError(t, err)
		all = append(all, v)
	}
	return all, warnings
}

type taggedForXML struct {
	ID    int      `json:"id" xml:"id,attr"`
	Name  string   `json:"name" xml:"name"`
	Tags  []string `json:"tags" xml:"tags>tag"`
	Note  string   `json:"note" xml:"-"`
	Title string   // has the name of its element
}

type elementXML struct{ text string }

func (e *elementXML) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	e.text = start.Name.Local
	return d.Skip()
}

// Columns have the names of json tags, and encoding/xml reads other tags.
func TestAStructWithJSONTagsOnlyIsAWarningThatNamesTheElements(t *testing.T) {
	type base struct {
		ID int `json:"id"`
	}
	type row struct {
		base
		Name string `json:"name,omitempty" xml:",omitempty"`
		City string `json:"city"`
		Zip  string `json:"zip" xml:"zip"`
	}
	const text = `<rows><row/><row id="1"><name>a</name><zip>b</zip><other>c</other></row><row id="2"><name>d</name><city>e</city></row></rows>`
	all, warnings := readXML[row](t, text)
	assert.Equal(t, []row{{}, {Zip: "b"}, {}}, all)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "id, name of the XML text: no field of format_test.row receives the value")
	assert.Contains(t, warnings[0], "`xml:\"id\"`")

	pointers, warnings := readXML[*row](t, text)
	assert.Len(t, pointers, 3)
	assert.Len(t, warnings, 1)
}

func TestAStructWhoseElementsAllHaveAFieldIsNoWarning(t *testing.T) {
	const text = `<rows><row id="1"><name>a</name><tags><tag>b</tag><tag>c</tag></tags><note>d</note><Title>e</Title><more>f</more></row></rows>`
	all, warnings := readXML[taggedForXML](t, text)
	assert.Equal(t, []taggedForXML{{ID: 1, Name: "a", Tags: []string{"b", "c"}, Title: "e"}}, all)
	assert.Empty(t, warnings)

	untagged, warnings := readXML[struct{ Title string }](t, text)
	assert.Equal(t, "e", untagged[0].Title)
	assert.Empty(t, warnings)

	whole, warnings := readXML[struct {
		Name string `json:"name"`
		All  string `xml:",innerxml"`
	}](t, text)
	assert.Contains(t, whole[0].All, "<name>a</name>")
	assert.Empty(t, warnings)

	rest, warnings := readXML[struct {
		Name string       `json:"name"`
		All  []elementXML `xml:",any"`
	}](t, text)
	assert.Len(t, rest[0].All, 5)
	assert.Empty(t, warnings)

	own, warnings := readXML[elementXML](t, text)
	assert.Equal(t, "row", own[0].text)
	assert.Empty(t, warnings)
	_, warnings = readXML[map[string]any](t, text)
	assert.Empty(t, warnings)
}

// A null element is not given to a struct, whatever its fields are.
func TestElementsThatAreNullAreStillSkippedWhileTagsAreChecked(t *testing.T) {
	type row struct {
		ID  *int    `json:"id"`
		Age *int    `json:"age" xml:"age"`
		Pet *string `json:"pet" xml:"pet"`
	}
	all, warnings := readXML[row](t, `<rows xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><row><age xsi:nil="true"/><pet></pet></row><row><id>1</id><age>2</age></row></rows>`)
	require.Len(t, all, 2)
	assert.Nil(t, all[0].Age)
	assert.Empty(t, *all[0].Pet)
	assert.Equal(t, 2, *all[1].Age)
	assert.Len(t, warnings, 1)
}
