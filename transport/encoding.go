package transport

import (
	"bufio"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/gunzip"
	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// maxCodings limits the number of codings of a response, each of which takes memory.
// Servers apply one or two.
const maxCodings = 8

// newBodyReader returns a reader that decompresses the body of a response (RFC 9110
// §8.4.1) and checks it against its Content-Length.
func newBodyReader(hr *http.Response) (io.Reader, error) {
	var r io.Reader = hr.Body
	noBody := hr.StatusCode == http.StatusNoContent || hr.StatusCode == http.StatusNotModified ||
		hr.Request != nil && hr.Request.Method == http.MethodHead
	if noBody {
		return r, nil
	}
	if err := refusePart(hr); err != nil {
		return nil, err
	}
	r = &wholeReader{r: r, want: hr.ContentLength}
	lines := hr.Header.Values("Content-Encoding")
	codings, err := codingsOf(lines)
	if err != nil {
		return nil, err
	}
	// Several codings are listed in the order in which they were applied.
	for i := len(codings) - 1; i >= 0; i-- {
		open, known := decoderOf(codings[i])
		if !known {
			return nil, unknownCoding(strings.Join(lines, ", "))
		}
		if open == nil {
			continue
		}
		if l, ok := r.(*lazyReader); ok {
			r = gunzip.Outer(l, &l.src)
		}
		r = &lazyReader{src: gunzip.Counter{R: r}, open: open}
	}
	return r, nil
}

// codingsOf returns the codings that the Content-Encoding headers of a response name. The
// values of several headers are one list (RFC 9110 §5.3).
func codingsOf(lines []string) (codings []string, err error) {
	n := 0
	for _, line := range lines {
		n += strings.Count(line, ",") + 1
	}
	if n > maxCodings {
		return nil, final(fmt.Errorf("the Content-Encoding of the response has %d codings: %w: more than %d: the source must send the body with one", n, ErrTooLarge, maxCodings))
	}
	for _, line := range lines {
		codings = append(codings, strings.Split(line, ",")...)
	}
	return codings, nil
}

// decoderOf returns a function that opens the decompressor of a coding, or nil if the
// coding does not change the body. It reports whether the coding is known.
func decoderOf(coding string) (open func(*bufio.Reader) (io.Reader, error), known bool) {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "", "identity":
		return nil, true
	case "aws-chunked": // Amazon S3 stores it with files; it describes how they were uploaded
		return nil, true
	case "gzip", "x-gzip":
		return openGzip, true
	case "deflate":
		return openDeflate, true
	}
	return nil, false
}

// maxQuotedCodings is the number of bytes of the longest Content-Encoding that an error
// quotes. A longer text is not a list of codings.
const maxQuotedCodings = 100

// unknownCoding returns the error for a Content-Encoding with an unknown coding. It quotes the
// whole of it, because a part of a secret may not be recognized.
func unknownCoding(encoding string) error {
	const only = "the request accepts only gzip and deflate"
	if len(encoding) > maxQuotedCodings {
		return final(fmt.Errorf("unknown Content-Encoding of %d bytes: %s", len(encoding), only))
	}
	return final(fmt.Errorf("unknown Content-Encoding %q: %s", strings.TrimSpace(encoding), only))
}

// A wholeReader reports a truncated body, or one whose length differs from its
// Content-Length, as ErrCut. The round tripper of net/http checks the length itself, but
// others do not.
type wholeReader struct {
	r    io.Reader
	n    int64
	want int64 // negative if it is unknown
}

func (w *wholeReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.n += int64(n)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF && w.want > w.n:
		err = w.cut()
	case err == io.EOF && w.want >= 0 && w.n > w.want:
		err = fmt.Errorf("%w: %d bytes, but a Content-Length of %d", ErrCut, w.n, w.want)
	}
	return n, err
}

func (w *wholeReader) cut() error {
	if w.want >= 0 {
		return fmt.Errorf("%w after %d of %d bytes: %w", ErrCut, w.n, w.want, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("%w after %d bytes: %w", ErrCut, w.n, io.ErrUnexpectedEOF)
}

// A lazyReader opens a decompressor at the first read, because an empty body is valid
// with any Content-Encoding.
type lazyReader struct {
	src  gunzip.Counter
	open func(*bufio.Reader) (io.Reader, error)
	r    io.Reader
	err  error
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.r == nil && l.err == nil {
		buf := bufio.NewReader(&l.src)
		if _, err := buf.Peek(1); err != nil {
			l.err = err
		} else if l.r, err = l.open(buf); err != nil {
			l.err = sentinel.Truncated(err)
		}
	}
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.r.Read(p)
	return n, sentinel.Truncated(err)
}

func openGzip(r *bufio.Reader) (io.Reader, error) {
	return gunzip.NewReader(r)
}

// openDeflate accepts both meanings of deflate: the zlib format, as RFC 9110 §8.4.1.2
// says, and raw deflate data, which some servers send.
func openDeflate(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		zr, err := zlib.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("decompress deflate: %w", err)
		}
		return zr, nil
	}
	return flate.NewReader(r), nil
}
