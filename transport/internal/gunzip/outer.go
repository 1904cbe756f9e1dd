package gunzip

import (
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A Counter is a reader that counts the bytes that are read from R.
type Counter struct {
	R io.Reader
	N int64
}

// Read implements io.Reader.
func (c *Counter) Read(p []byte) (int, error) {
	n, err := c.R.Read(p)
	c.N += int64(n)
	return n, err
}

// Outer returns a reader of text, which was decompressed from file and is itself
// compressed. Compressed text can hardly be compressed further. If it was, the file is made
// to take time and memory, and the reader returns an error that wraps ErrTooLarge.
func Outer(text io.Reader, file *Counter) io.Reader {
	return &outer{text: Counter{R: text}, file: file}
}

type outer struct {
	text Counter
	file *Counter
}

const (
	// maxOuterText is the number of bytes of text that may expand more, because it may be
	// padding.
	maxOuterText = 512 << 10
	// maxOuterRatio is the largest ratio of the size of the text to that of the file.
	maxOuterRatio = 4
)

func (o *outer) Read(p []byte) (int, error) {
	n, err := o.text.Read(p)
	if o.text.N > maxOuterText && o.text.N > maxOuterRatio*o.file.N {
		return n, fmt.Errorf("%w: the text is compressed several times and expands to more than %d times its size: the source must compress it once", sentinel.ErrTooLarge, maxOuterRatio)
	}
	return n, err
}
