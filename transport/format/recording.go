package format

import (
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A recording is the reader of a JSON decoder. It keeps the text of the record that
// is being decoded, so that the record can be checked afterwards. It keeps no more
// than one record and what the decoder has buffered.
type recording struct {
	r    io.Reader
	on   bool
	text []byte
	base int64 // the decoder's offset of text[0]
	from int64 // the decoder's offset of the record
}

// Read reads from the underlying reader.
func (t *recording) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if t.on {
		if done := t.from - t.base; done > 0 {
			t.text = t.text[:copy(t.text, t.text[done:])]
			t.base = t.from
		}
		t.text = append(t.text, p[:n]...)
	}
	return n, err
}

// begin starts a record at the decoder's position.
func (t *recording) begin(d *jsontext.Decoder) {
	t.from = d.InputOffset()
	if !t.on {
		t.on, t.base = true, t.from
		t.text = append(t.text[:0], d.UnreadBuffer()...)
	}
}

// record returns the text from the start of the record to the decoder's position.
func (t *recording) record(d *jsontext.Decoder) []byte {
	return t.text[t.from-t.base : d.InputOffset()-t.base]
}

// end stops keeping text until the next record begins.
func (t *recording) end() { t.on, t.text = false, nil }
