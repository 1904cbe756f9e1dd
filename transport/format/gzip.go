package format

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// Gzip reads text of another format that is compressed as a gzip file, such as
// export.csv.gz. It is not needed for a response with a Content-Encoding, which
// package transport decompresses by itself.
func Gzip(f Format) Format { return gzipped{f} }

type gzipped struct{ format Format }

func (gzipped) Accept() string { return "application/gzip, */*;q=0.5" }

func (z gzipped) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return z.read(r, maxRecord, nil, yield)
}

func (z gzipped) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	if z.format == nil {
		return errors.New("format.Gzip: no format given")
	}
	zr, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return sentinel.Truncated(fmt.Errorf("decompress gzip: %w", err))
	}
	return sentinel.Truncated(read(z.format, &truncationReader{zr}, maxRecord, c, yield))
}
