package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/gunzip"
	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// Gzip reads text of another format that is compressed as a gzip file, such as
// export.csv.gz. A file can have several members and padding after them: zeros or white
// space.
//
// Text that begins with the bytes 1f 8b (RFC 1952 §2.3.1) is decompressed, and again if the
// result is a gzip file, up to 8 times. Any other text is passed to f as it is, because a
// source may serve the same file uncompressed, or with a Content-Encoding, which package
// transport decompresses. Empty text is an error that wraps [ErrCut].
func Gzip(f Format) Format { return gzipped{f} }

type gzipped struct{ format Format }

func (gzipped) Accept() string { return "application/gzip, */*;q=0.5" }

// Markup reports whether the text that is passed on may begin with "<".
func (z gzipped) Markup() bool {
	m, ok := z.format.(interface{ Markup() bool })
	return ok && m.Markup()
}

func (z gzipped) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return z.read(r, maxRecord, nil, yield)
}

// maxGzipLayers limits how often a text is decompressed.
const maxGzipLayers = 8

func (z gzipped) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	if z.format == nil {
		return errors.New("format.Gzip: no format given")
	}
	file := &gunzip.Counter{R: r} // the compressed text of a layer
	buf := bufio.NewReader(file)
	var text io.Reader // its decompressed text
	for layers := 0; ; layers++ {
		head, err := buf.Peek(2)
		if layers == 0 && err == io.EOF && (len(head) == 0 || head[0] == 0x1f) {
			return fmt.Errorf("decompress gzip: %w: it has %d bytes, and a gzip file has more", ErrCut, len(head))
		}
		if !gunzip.IsGzip(head) {
			// A reader of the format returns any error of Peek.
			return sentinel.Truncated(read(z.format, buf, maxRecord, c, yield))
		}
		if layers == maxGzipLayers {
			return fmt.Errorf("decompress gzip: the text was compressed more than %d times", maxGzipLayers)
		}
		if layers > 0 { // its text is a gzip file too
			head, _ := buf.Peek(buf.Buffered())
			text = io.MultiReader(bytes.NewReader(bytes.Clone(head)), text)
			file = &gunzip.Counter{R: gunzip.Outer(text, file)}
			buf = bufio.NewReader(file)
		}
		layer, err := gunzip.NewReader(buf)
		if err != nil {
			return sentinel.Truncated(err)
		}
		text = &truncationReader{layer}
		buf = bufio.NewReader(text)
	}
}
