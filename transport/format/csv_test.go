package format_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// csvRow has a column of each kind.
type csvRow struct {
	ID     int64       `json:"id"`
	Name   string      `json:"name"`
	Amount json.Number `json:"amount"`
	Ratio  float64     `json:"ratio"`
	Paid   bool        `json:"paid"`
	At     *time.Time  `json:"at"`
}

func TestCSVDecodesCellsByTheNamesInTheHeader(t *testing.T) {
	at := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	want := []csvRow{{9007199254740993, "a,\n\"b\"", "1.10", 0.5, true, &at}, {ID: 2, Name: "é"}}
	const text = "id,name,amount,ratio,paid,at\n9007199254740993,\"a,\n\"\"b\"\"\",1.10,0.5,TRUE,2024-05-01T12:00:00Z\n2,é,,,no,\n"
	got, err := decodeString[csvRow](text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// With the byte order mark of UTF-8.
	got, err = decodeString[csvRow]("\xef\xbb\xbf"+text, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// In UTF-16, with its byte order mark.
	encoded := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(text)) {
		encoded = append(encoded, byte(c), byte(c>>8))
	}
	got, err = decodeBytes[csvRow](encoded, format.CSV{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestTheFieldsOfCSVDescribeTheText(t *testing.T) {
	names, err := decodeString[map[string]any]("report of May\n\n#x\n1;\xe9;\n", format.CSV{Comma: ';', Charset: "iso-8859-1", Header: []string{"a", "b", "c"}, SkipLines: 2, Comment: '#'})
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{{"a": "1", "b": "é", "c": nil}}, names)
	texts, err := decodeString[map[string]string]("a,b\n1,\n", format.CSV{EmptyText: true})
	require.NoError(t, err)
	assert.Equal(t, []map[string]string{{"a": "1", "b": ""}}, texts)
	none, err := decodeString[csvRow]("id,name\n", format.CSV{})
	assert.NoError(t, err)
	assert.Empty(t, none)
}

func TestTheErrorOfACSVRowNamesItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1,2\n3\n": "line 3", "a,b\n1,2,3\n": "line 2", "a,a\n": "two columns", "id\nx\n": "line 2", "a\n\"x": "line 2", "": "empty",
	} {
		_, err := decodeString[csvRow](text, format.CSV{})
		assert.ErrorContains(t, err, want, "%q", text)
	}
	_, err := decodeString[csvRow]("skipped\na,b\n1\n", format.CSV{SkipLines: 1})
	assert.ErrorContains(t, err, "line 3")
	_, err = decodeString[struct{ Paid bool }]("paid\nmaybe\n", format.CSV{})
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = decodeString[csvRow]("a", format.CSV{Charset: "klingon"})
	assert.ErrorContains(t, err, `unknown charset "klingon"`)
}

// Line breaks in a quoted cell and spaces are data (RFC 4180 §2.6 and §2.4). An empty
// line is a row if the table has one column.
func TestCSVCellsAreNotChangedAndNoRowIsLost(t *testing.T) {
	type row = map[string]any
	empty := format.CSV{EmptyText: true}
	for _, c := range []struct {
		name, text string
		format     format.CSV
		rows       int
		first      row
	}{
		{"CRLF in a cell", "id,note\r\n1,\"line one\r\nline two\"\r\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
		{"CRLF in a cell, LF between rows", "id,note\n1,\"line one\r\nline two\"\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
		{"empty cell of one column", "name\nann\n\nbob\n", format.CSV{}, 3, row{"name": "ann"}},
		{"empty cell of one column, CRLF", "name\r\nann\r\n\r\nbob\r\n", empty, 3, row{"name": "ann"}},
		{"CR between rows", "id,name\r1,ann\r2,bob\r", format.CSV{}, 2, row{"id": "1", "name": "ann"}},
		{"number sign", "name\n#1 hit\n", format.CSV{}, 1, row{"name": "#1 hit"}},
		{"spaces", "id,name\n1, ann \n", format.CSV{}, 1, row{"id": "1", "name": " ann "}},
		{"NUL", "id,name\n1,a\x00b\n", format.CSV{}, 1, row{"id": "1", "name": "a\x00b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := transporttest.Collect(format.Decode[row](strings.NewReader(c.text), c.format))
			if assert.Len(t, rows, c.rows, "%v", err) {
				assert.Equal(t, c.first, rows[0])
			}
		})
	}
}
