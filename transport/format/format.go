package format

import (
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A Format reads records from text, one after the other. The types of this
// package implement it. A connector can implement it for another format, such as
// Avro. A Format is a value without state, so any number of goroutines can use
// it.
//
// A Format whose text may begin with "<" also has a method Markup() bool that
// returns true. For all other formats, transport.Stream reports an error if the
// response is a web page.
type Format interface {
	// Accept returns the value of the Accept header for requests for this
	// format.
	Accept() string

	// Read reads records from r and calls yield for each of them, until the text
	// ends or yield returns false. The argument of yield decodes the record into
	// a pointer. yield must call it exactly once before it returns. A record of
	// more than maxRecord bytes of text is an error that wraps [ErrTooLarge].
	Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error
}

// Errors of this package. Use errors.Is to distinguish them. Package transport
// exports the same values under the same names.
var (
	// ErrTooLarge reports that a record or an archive exceeds its size limit.
	ErrTooLarge = sentinel.ErrTooLarge

	// ErrCut reports that the text is truncated: it ends within a record or a
	// character, or before the array of the records is closed.
	ErrCut = sentinel.ErrCut

	// ErrNotJSON reports that the text is not JSON, such as a web page.
	ErrNotJSON = sentinel.ErrNotJSON

	// ErrNoRecords reports that the text has nothing at the path of the records,
	// or that an archive has no file that matches.
	ErrNoRecords = sentinel.ErrNoRecords
)

// A recordLimit is a reader that fails once a record has taken more than limit
// bytes. The format sets n to 0 at the beginning of each record.
type recordLimit struct {
	r     io.Reader
	n     int64
	limit int64
}

func (l *recordLimit) Read(p []byte) (int, error) {
	if l.n > l.limit {
		return 0, fmt.Errorf("record: %w: more than %d bytes", ErrTooLarge, l.limit)
	}
	n, err := l.r.Read(p)
	l.n += int64(n)
	return n, err
}

// A truncationReader reports compressed text that ends too early as ErrCut.
type truncationReader struct{ r io.Reader }

func (t *truncationReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	return n, sentinel.Truncated(err)
}
