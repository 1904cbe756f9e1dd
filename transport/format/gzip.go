package format

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Gzip reads text of another format that is compressed as a gzip file, such as
// export.csv.gz. It is not needed for a response with a Content-Encoding, which
// package transport decompresses by itself.
func Gzip(f Format) Format { return gzipped{f} }

type gzipped struct{ format Format }

func (gzipped) Accept() string { return "application/gzip, */*;q=0.5" }

func (z gzipped) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	if z.format == nil {
		return errors.New("format.Gzip: no format given")
	}
	zr, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return truncated(fmt.Errorf("decompress gzip: %w", err))
	}
	return truncated(z.format.Read(&truncationReader{zr}, maxRecord, yield))
}

// truncated wraps ErrCut around an error from a decompressor whose input has
// ended too early.
func truncated(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrCut) {
		return fmt.Errorf("%w in its compressed form: %w", ErrCut, err)
	}
	return err
}
