package schema

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// A rawReader reads raw rows, one at a time. It is reused.
type rawReader struct {
	src bytes.Buffer
	dec *jsontext.Decoder
	// seen tells which declared columns the row at hand has had, other which
	// undeclared ones.
	seen  []bool
	other [][]byte
	name  []byte
}

// mark notes that the row has the column, and reports whether it had it before.
func (r *rawReader) mark(c *encoderColumn) (twice bool) {
	if c != nil {
		twice, r.seen[c.position] = r.seen[c.position], true
		return twice
	}
	for _, name := range r.other {
		if bytes.Equal(name, r.name) {
			return true
		}
	}
	r.other = append(r.other, bytes.Clone(r.name))
	return false
}
