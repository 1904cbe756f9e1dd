package format

import (
	"io"
)

// NDJSON reads one JSON value per line (also known as JSON Lines). Empty lines
// are skipped. Truncation between two lines can be noticed only by the length of the text,
// which package transport checks for a response with a Content-Length.
type NDJSON struct{}

// Accept returns the media types of NDJSON.
func (NDJSON) Accept() string { return "application/x-ndjson, application/jsonl, */*;q=0.5" }

// Read implements [Format].
func (f NDJSON) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (NDJSON) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	j := newJSONReader(r, c)
	record := j.records(maxRecord, yield)
	for {
		switch _, err := j.next(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return textError(err)
		}
		if more, err := record(); !more {
			return textError(err)
		}
	}
}
