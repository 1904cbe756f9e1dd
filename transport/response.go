package transport

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// A Response is a response from a source, with its whole body.
type Response struct {
	// Status is the HTTP status.
	Status int
	// Header holds the response's headers.
	Header http.Header
	// URL is the URL of the response, after redirects. It contains everything that
	// was sent, including credentials in the query. Do not print it.
	URL *url.URL
	// Body is the body, decompressed, and not converted from the charset that the source
	// uses. It belongs to the caller.
	Body []byte

	request *http.Request // the request with its credentials
	ignored bool          // a rule treats it as empty
	empty   bool          // the headers say that the body has no bytes
	// unmodified marks a 304 response to the condition of the call.
	unmodified bool

	limit    int64           // of the body, see WithMaxBody
	source   bodytext.Source // the charset of the body
	replaced int             // how many invalid bytes utf8Body has replaced
}

// Format prints the status and the URL without its query, for every verb of package
// fmt.
func (r Response) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.text()) }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.text()) }

func (r Response) text() string {
	return fmt.Sprintf("transport.Response(%s, %s)", status.Text(r.Status), withoutQuery(r.URL))
}

// RetryAfter returns how long the source asks to wait before the next request, with
// Retry-After or with the headers of a rate limit that is used up, as [WithRetry]
// describes. It returns 0 if the source does not ask for a wait.
func (r *Response) RetryAfter() time.Duration {
	wait, _ := askedWait(r.Status, r.Header)
	return wait
}

// withoutQuery returns a URL as text without its query and user information, which may
// hold credentials.
func withoutQuery(u *url.URL) string {
	if u == nil {
		return "no URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// maxBody returns the limit of the body. A response that a caller has made has the default.
func (r *Response) maxBody() int64 { return cmp.Or(r.limit, defaultMaxBody) }

// hasNoContent reports whether a response has no body to decode.
func (r *Response) hasNoContent() bool {
	return r.ignored || r.unmodified || r.Status == http.StatusNoContent || r.Status == http.StatusResetContent
}

// accepted reports whether a response is not a failure.
func (r *Response) accepted() bool { return r.Status < 300 || r.ignored || r.unmodified }

// maxErrorBody is the maximum number of bytes that are read from the body of a failure.
// An explanation is shorter.
const maxErrorBody = 64 << 10

// receive reads a response to the end and closes it. expected is the size that its body
// probably has, or 0 if that is unknown.
func receive(hr *http.Response, limit, expected int64) (*Response, error) {
	defer drain(hr.Body)
	resp := &Response{Status: hr.StatusCode, Header: hr.Header, URL: hr.Request.URL, request: hr.Request, limit: limit}
	if hr.StatusCode >= 300 {
		// The body of a failure is only for people. An error in it must not hide
		// the status.
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
	resp.Body, err = readAll(body, limit, max(hr.ContentLength, expected))
	return resp, err
}

// readAll reads up to limit bytes. hint is the expected number, or negative if it is
// unknown.
func readAll(r io.Reader, limit, hint int64) ([]byte, error) {
	// A header can claim any length, so memory is allocated as bytes arrive.
	limit = min(limit, math.MaxInt64-1)
	hint = min(max(hint, 0), limit)
	size := min(hint, 1<<20-1) + 1
	buf := make([]byte, 0, max(size, 512))
	for {
		if len(buf) == cap(buf) {
			buf = grow(buf, hint, limit)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return buf[:limit], fmt.Errorf("body: %w: more than %d bytes: request smaller pages or raise transport.WithMaxBody", ErrTooLarge, limit)
		}
		if err == io.EOF {
			if cap(buf) > 4*max(len(buf), 512) { // much more than it needed was expected
				buf = bytes.Clone(buf)
			}
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// grow returns buf with a larger capacity, up to one byte above the limit. The capacity at
// least doubles. From 4 MiB on, it grows to the expected size, if that is near, or
// quadruples, because the memory of every earlier buffer may still be in use: memory that
// has not been written to takes no space.
func grow(buf []byte, hint, limit int64) []byte {
	n := int64(cap(buf))
	switch {
	case hint > n && (hint <= 2*n || n >= 4<<20 && hint <= 8*n):
		n = hint + 1
	case n < 4<<20:
		n *= 2
	case limit <= 8*n:
		n = limit + 1
	default:
		n *= 4
	}
	larger := make([]byte, len(buf), max(min(n, limit+1), int64(len(buf))+1))
	copy(larger, buf)
	return larger
}

// drain closes a body. If little of the body is left, drain reads it first, so that the
// connection can be reused.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 16<<10)
	_ = body.Close()
}
