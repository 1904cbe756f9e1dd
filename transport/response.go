package transport

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Response is a source's answer, with the whole of its body.
type Response struct {
	// Status is the HTTP status.
	Status int
	// Header holds the response's headers.
	Header http.Header
	// URL is where the answer came from, after redirects. It holds everything
	// that was sent, credentials in the query included: don't print it.
	URL *url.URL
	// Body is the body, decompressed. It belongs to the caller.
	Body []byte

	request *http.Request // what it answers, with its credentials
	ignored bool          // a rule takes it for an empty answer
	empty   bool          // its headers say that the body has no bytes
}

// maxErrorBody is how much of the body of a failed request is read: enough for
// any explanation.
const maxErrorBody = 64 << 10

// receive reads the whole of a response, and closes it.
func receive(hr *http.Response, limit int64) (*Response, error) {
	defer drain(hr.Body)
	resp := &Response{Status: hr.StatusCode, Header: hr.Header}
	if hr.Request != nil {
		resp.URL = hr.Request.URL
	}
	if hr.StatusCode >= 300 {
		// What the body of a failure says is only for people; a body that is
		// cut, too long or badly compressed must not hide the status.
		body, err := newBodyReader(hr)
		if err == nil {
			resp.Body, _ = io.ReadAll(io.LimitReader(body, maxErrorBody))
		}
		return resp, nil
	}
	body, err := newBodyReader(hr)
	if err != nil {
		return resp, err
	}
	resp.empty = hr.ContentLength == 0
	resp.Body, err = readAll(body, limit, hr.ContentLength)
	return resp, err
}

// readAll reads at most limit bytes. hint is how many there may be, or less
// than 0 where that is not known.
func readAll(r io.Reader, limit, hint int64) ([]byte, error) {
	// A header can claim any length: memory is taken as bytes arrive.
	size := min(max(hint, 0)+1, 1<<20, limit+1)
	buf := make([]byte, 0, max(size, 512))
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return buf[:limit], fmt.Errorf("body: %w: %d bytes", ErrTooLarge, limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// newBodyReader returns the body of a response, checked against its
// Content-Length and decompressed (RFC 9110 §8.4.1).
func newBodyReader(hr *http.Response) (io.Reader, error) {
	var r io.Reader = hr.Body
	noBody := hr.StatusCode == http.StatusNoContent || hr.StatusCode == http.StatusNotModified ||
		hr.Request != nil && hr.Request.Method == http.MethodHead
	if noBody {
		return r, nil
	}
	r = &wholeReader{r: r, want: hr.ContentLength}
	codings := strings.Split(hr.Header.Get("Content-Encoding"), ",")
	// Several codings are named in the order in which they were applied.
	for i := len(codings) - 1; i >= 0; i-- {
		switch coding := strings.ToLower(strings.TrimSpace(codings[i])); coding {
		case "", "identity":
		case "gzip", "x-gzip":
			r = &lazyReader{src: r, open: openGzip}
		case "deflate":
			r = &lazyReader{src: r, open: openDeflate}
		default:
			return nil, fmt.Errorf("unknown Content-Encoding %q", coding)
		}
	}
	return r, nil
}

// A wholeReader reports a body that is shorter than its Content-Length, or
// that breaks off, as ErrCut. net/http does the first itself; other round
// trippers don't.
type wholeReader struct {
	r    io.Reader
	n    int64
	want int64 // negative: not known
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

// A lazyReader opens a decompressor at the first read: the empty body of an
// answer that says it is compressed is an empty body.
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
			l.err = cutIfShort(err)
		}
	}
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.r.Read(p)
	return n, cutIfShort(err)
}

func cutIfShort(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrCut) {
		return fmt.Errorf("%w in its compressed form: %w", ErrCut, err)
	}
	return err
}

func openGzip(r *bufio.Reader) (io.Reader, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("decompress gzip: %w", err)
	}
	return zr, nil
}

// openDeflate reads what servers mean by deflate: the zlib format, as the
// standard says, or bare deflate data, as some send.
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
