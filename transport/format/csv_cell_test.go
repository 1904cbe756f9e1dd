package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// RFC 4180: line breaks in a quoted cell (§2.6) and spaces (§2.4) are data. An empty
// line of a text of one column is a row.
func TestCSVCellsArriveAsTheyStandAndNoRowIsLost(t *testing.T) {
	type row = map[string]any
	empty := format.CSV{EmptyText: true}
	knownfault.Run(t, []string{
		"CRLF in a cell", "CRLF in a cell of a text with LF", "empty cell of one column", "empty cell of one column, CRLF", "CR as line end",
	}, func(t *knownfault.T) {
		for _, c := range []struct {
			name, text string
			format     format.CSV
			rows       int
			first      row
		}{
			{"CRLF in a cell", "id,note\r\n1,\"line one\r\nline two\"\r\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
			{"CRLF in a cell of a text with LF", "id,note\n1,\"line one\r\nline two\"\n", format.CSV{}, 1, row{"id": "1", "note": "line one\r\nline two"}},
			{"empty cell of one column", "name\nann\n\nbob\n", format.CSV{}, 3, row{"name": "ann"}},
			{"empty cell of one column, CRLF", "name\r\nann\r\n\r\nbob\r\n", empty, 3, row{"name": "ann"}},
			{"CR as line end", "id,name\r1,ann\r2,bob\r", format.CSV{}, 2, row{"id": "1", "name": "ann"}},
			{"number sign", "name\n#1 hit\n", format.CSV{}, 1, row{"name": "#1 hit"}},
			{"spaces", "id,name\n1, ann \n", format.CSV{}, 1, row{"id": "1", "name": " ann "}},
			{"NUL", "id,name\n1,a\x00b\n", format.CSV{}, 1, row{"id": "1", "name": "a\x00b"}},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				rows, err := transporttest.Collect(format.Decode[row](strings.NewReader(c.text), c.format))
				if assert.Len(t, rows, c.rows, "%v", err) {
					assert.Equal(t, c.first, rows[0])
				}
			})
		}
	})
}
