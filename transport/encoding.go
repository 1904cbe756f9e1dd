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
	r = &wholeReader{r: r, want: hr.ContentLength}
	// The values of several headers of one name are one list (RFC 9110 §5.3).
	header := strings.Join(hr.Header.Values("Content-Encoding"), ",")
	if n := strings.Count(header, ",") + 1; n > maxCodings {
		return nil, final(fmt.Errorf("the Content-Encoding of the response has %d codings, more than %d", n, maxCodings))
	}
	codings := strings.Split(header, ",")
	// Several codings are listed in the order in which they were applied.
	for i := len(codings) - 1; i >= 0; i-- {
		switch coding := strings.ToLower(strings.TrimSpace(codings[i])); coding {
		case "", "identity":
		case "aws-chunked": // Amazon S3 stores it with files; it describes how they were uploaded
		case "gzip", "x-gzip":
			r = &lazyReader{src: r, open: openGzip}
		case "deflate":
			r = &lazyReader{src: r, open: openDeflate}
		default:
			return nil, final(fmt.Errorf("unknown Content-Encoding %q: the request accepts only gzip and deflate", coding))
		}
	}
	return r, nil
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
	src  io.Reader
	open func(*bufio.Reader) (io.Reader, error)
	r    io.Reader
	err  error
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.r == nil && l.err == nil {
		buf := bufio.NewReader(l.src)
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
