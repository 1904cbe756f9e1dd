package format

import (
	"io"
)

// NDJSON reads one JSON value per line (also known as JSON Lines). Empty lines
// are skipped. Text that is truncated between two lines is noticed only by its
// length.
type NDJSON struct{}

// Accept returns the media types of NDJSON.
func (NDJSON) Accept() string { return "application/x-ndjson, application/jsonl, */*;q=0.5" }

// Read implements [Format].
func (f NDJSON) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (NDJSON) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	limit := &recordLimit{r: r, limit: maxRecord}
	d := newDecoder(limit, c)
	for {
		limit.n = 0
		if d.PeekKind() == 0 {
			_, err := d.ReadToken()
			if err == io.EOF {
				return nil
			}
			return textError(err)
		}
		if more, err := readValue(d, yield); !more {
			return textError(err)
		}
	}
}
