package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
)

// Stream sends a request and reads the records of its response as they arrive, one in
// memory at a time. The response may be of any length: an export, a file, an array of
// gigabytes. Each record is decoded into a T. The format locates the records, so
// [Request].RecordsAt and ErrorAt must be empty. A record may have up to [WithMaxBody]
// bytes.
//
// Stream reads one response. If its headers lead to another page, such as a Link header with
// rel="next" or X-Next-Page, or have a total that is more than the records, such as
// X-Total-Count or Content-Range, the client logs a line at level WARN, once for each request
// path, and the user of the platform receives a warning. To read several pages of JSON, use
// [Records]; for other formats, use [Client.Do] and format.Decode. Stream does not look for
// other pages in the body.
//
// The iterator follows the rules of [Records]. A request is repeated until its response
// has begun. A later failure is final for this call, because records have already been
// yielded. The error states how many, and its Temporary method reports whether a later
// call may succeed. [Request].Timeout limits how long the source may be silent, not the
// whole response.
func Stream[T any](ctx context.Context, c *Client, req Request, f format.Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		s, err := c.openStream(ctx, req, f)
		if err != nil {
			yield(zero, err)
			return
		}
		if s == nil { // a rule ignores the response, or it has not been modified
			return
		}
		receipt := s.call.receive(s.resp)
		stopped, canceled := false, false
		func() {
			// Deferred, because the caller's loop may panic or end its goroutine.
			defer func() { s.close(ctx, err) }()
			if err = receipt.begin(); err != nil {
				return
			}
			err = format.EachContext(bodytext.With(loss.With(ctx, c.losses), c.textSource(s.resp)), s, f, c.maxBody, func(v T) bool {
				if canceled = ctx.Err() != nil; canceled {
					return false
				}
				s.records++
				stopped = !yield(v, nil)
				return !stopped
			})
		}()
		switch {
		case stopped:
			return
		case canceled, err != nil && ctx.Err() != nil:
			err = s.call.fail(defect, s.resp, s.attempts, ctxwait.Cause(ctx))
		case err != nil:
			err = s.call.fail(s.call.streamKind(err), s.resp, s.attempts, err)
		default:
			if err = receipt.delivered(ctx); err == nil {
				c.checkStreamTotal(ctx, s.resp, s.records)
				return
			}
			err = s.call.fail(defect, s.resp, s.attempts, err)
		}
		yield(zero, err)
	}
}

// streamKind returns the kind of a failure within a stream.
func (k *call) streamKind(err error) kind {
	var arrival *arrivalError
	if errors.As(err, &arrival) || errors.Is(err, ErrCut) || errors.Is(err, ErrNotJSON) {
		return k.judgeError(err).kind
	}
	return defect
}

// openStream sends a request until a successful response begins. The stream is nil if a
// rule ignores the response, or if it has not been modified.
func (c *Client) openStream(ctx context.Context, req Request, f format.Format) (*openStream, error) {
	k, err := c.prepare(req)
	switch {
	case err != nil:
	case f == nil:
		err = errNoFormat
	case req.RecordsAt != "" || req.ErrorAt != "":
		err = errors.New("the format of a stream says where the records are; RecordsAt and ErrorAt must be empty")
	default:
		if req.Header.Get("Accept") == "" {
			k.header.Set("Accept", f.Accept())
		}
		err = k.setCondition(req, fmt.Sprintf("%T", f), nil)
	}
	if err != nil {
		return nil, k.fail(kindOf(err, defect), nil, 0, err)
	}
	var s *openStream
	_, err = k.run(ctx, func(ctx context.Context, n int) (resp *Response, err error) {
		s, resp, err = k.tryStream(ctx, n, f)
		return resp, err
	})
	if err == nil && s != nil {
		c.checkStream(ctx, s.resp)
	}
	return s, err
}

var errNoFormat = errors.New("no format given")

// tryStream is one attempt. The stream is nil unless it succeeds.
func (k *call) tryStream(ctx context.Context, n int, f format.Format) (*openStream, *Response, error) {
	done, err := k.admit(ctx)
	if err != nil {
		return nil, nil, err
	}
	// A stream counts as a request in progress only until it begins. A caller may
	// send other requests for each of its records, and must not wait for itself.
	defer done()
	s := &openStream{call: k, attempts: n, start: time.Now()}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	limit := k.untilResponse()
	if k.timeout > 0 {
		s.idle = time.AfterFunc(limit, func() { s.cancel(fmt.Errorf("%w: silent for %v", ErrTimeout, limit.Round(time.Millisecond))) })
		defer s.idle.Stop()
	}
	hr, t, err := k.send(s.ctx)
	s.trace = t
	if err == nil && limit < k.timeout {
		s.idle.Reset(k.timeout) // the limit was that of the first response
	}
	if err == nil {
		err = s.begin(hr, f)
	}
	if err != nil || s.body == nil {
		if hr != nil {
			_ = hr.Body.Close()
		}
		s.cancel(nil)
		k.logTry(ctx, n, s.start, s.resp, s.trace, err)
		return nil, s.resp, err
	}
	return s, s.resp, nil
}

// begin takes over a response. It reads the body of a failure, and only the beginning
// of any other.
func (s *openStream) begin(hr *http.Response, f format.Format) (err error) {
	k := s.call
	if hr.StatusCode >= 300 {
		s.resp, err = receive(hr, k.client.maxBody, 0)
	} else {
		s.resp = &Response{Status: hr.StatusCode, Header: hr.Header, URL: hr.Request.URL, request: hr.Request, limit: k.client.maxBody}
	}
	if err != nil {
		return err
	}
	if err := k.applyRule(s.resp); err != nil || s.resp.ignored || s.resp.Status >= 300 {
		return err
	}
	body, err := newBodyReader(hr)
	if err != nil {
		return err
	}
	buf := bufio.NewReader(body)
	s.raw, s.body = hr.Body, buf
	return k.because(s.ctx, refusePage(hr.Header, buf, f, k.mask()))
}

// An openStream is a response whose body is being read.
type openStream struct {
	call     *call
	resp     *Response
	attempts int
	start    time.Time
	trace    *trace
	records  int
	bytes    int64

	raw    io.ReadCloser
	body   io.Reader
	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   *time.Timer // ends the stream if the source is silent
}

// An arrivalError is a failure to receive the body, as opposed to one to decode it.
type arrivalError struct{ err error }

func (e *arrivalError) Error() string { return e.err.Error() }
func (e *arrivalError) Unwrap() error { return e.err }

// Read reads from the body. It limits how long the source may be silent, but not how
// long the caller takes between reads.
func (s *openStream) Read(p []byte) (int, error) {
	if s.idle != nil {
		s.idle.Reset(s.call.timeout)
		defer s.idle.Stop()
	}
	n, err := s.body.Read(p)
	s.bytes += int64(n)
	if err != nil && err != io.EOF {
		err = &arrivalError{s.call.because(s.ctx, netfailure.Broken(err, s.call.url))}
	}
	return n, err
}

// close closes the body and logs the stream.
func (s *openStream) close(ctx context.Context, err error) {
	s.cancel(nil)
	_ = s.raw.Close()
	attrs := append(s.call.logAttrs(s.attempts, s.start, s.trace),
		slog.Int("status", s.resp.Status), slog.Int64("bytes", s.bytes), slog.Int("records", s.records))
	if err != nil {
		attrs = append(attrs, slog.String("error", s.logText(err)))
	}
	s.call.client.log().LogAttrs(ctx, slog.LevelDebug, "http stream", attrs...)
}

// logText returns an error for a log line, without the text of the records.
func (s *openStream) logText(err error) string {
	var arrival *arrivalError
	switch {
	case errors.As(err, &arrival):
		return s.call.mask().text(arrival.Error())
	case errors.Is(err, ErrCut):
		return ErrCut.Error()
	}
	return "a record cannot be read"
}

// refusePage returns an error if a web page has arrived instead of records, or if the
// beginning of the body cannot be read. Its text is without the secrets of m.
func refusePage(h http.Header, buf *bufio.Reader, f format.Format, m *mask) error {
	first, err := buf.Peek(1)
	if err != nil && err != io.EOF {
		return err
	}
	if mf, ok := f.(interface{ Markup() bool }); len(first) == 0 || ok && mf.Markup() {
		return nil
	}
	typ, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if first[0] == '<' && strings.Contains(typ, "html") {
		head, _ := buf.Peek(buf.Buffered())
		return fmt.Errorf("%w: %s", errWebPage, m.excerpt(head, 200))
	}
	return nil
}

// errWebPage is treated like ErrNotJSON, even for other formats.
var errWebPage = fmt.Errorf("%w but a web page", ErrNotJSON)
