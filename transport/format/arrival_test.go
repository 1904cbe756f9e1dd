package format_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
)

// A source may send a record and then nothing for hours.
func TestARecordIsReadAsSoonAsItHasArrived(t *testing.T) {
	for _, c := range []struct {
		name, text string
		format     format.Format
	}{
		{"JSON", `[{"a":"é"},`, format.JSON{}},
		{"NDJSON", "{}\n", format.NDJSON{}},
		{"CSV", "a\nb\n", format.CSV{}},
		{"CSV, CRLF", "a,b\r\n\"1\",\"é\"\r\n", format.CSV{}},
		{"CSV, sep", "sep=;\na;b\n1;2\n", format.CSV{}},
		{"CSV, a header like sep", "s,e\n1,2\n", format.CSV{}},
		{"CSV, latin1", "a\n\xe9\n", format.CSV{Charset: "latin1"}},
		{"XML", "<a><b/>", format.XML{At: "a.b"}},
		{"XML with a declaration", "<?xml version='1.0' encoding='latin1'?><a><b>\xe9</b>", format.XML{At: "a.b"}},
		{"not compressed", "a\nb\n", format.Gzip(format.CSV{})},
	} {
		in, out := io.Pipe()
		go func() { _, _ = io.WriteString(out, c.text) }()
		records := 0
		for _, err := range format.Decode[any](in, c.format) {
			require.NoError(t, err, c.name)
			records++
			break // the pipe stays open
		}
		assert.Equal(t, 1, records, c.name)
		_ = in.Close()
	}
}
