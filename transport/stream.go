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
)

// Stream sends a request and reads the records of its answer as they arrive,
// one in memory at a time, however long the answer is: exports, files, arrays
// of gigabytes. Each is decoded into a T. Where the records are is said by the
// [Format], and [Request].Records and ErrorAt must be empty. A record takes at
// most [WithMaxBody] bytes.
//
// The rules of the iterator are those of [Records]. A request is repeated until
// its answer has begun; after that a failure is final for this call, because
// records were given out already: its error says how many, and its Temporary
// method that it may work later. [Request].Timeout limits how long the source
// may be silent, not the whole answer.
func Stream[T any](ctx context.Context, c *Client, req Request, f Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		k, err := c.prepare(req)
		switch {
		case err != nil:
		case f == nil:
			err = errors.New("no format given")
		case req.Records != "" || req.ErrorAt != "":
			err = errors.New("the format of a stream says where the records are; Records and ErrorAt must be empty")
		}
		if err != nil {
			yield(zero, k.fail(defect, nil, 0, err))
			return
		}
		if req.Header.Get("Accept") == "" {
			k.header.Set("Accept", f.accept())
		}
		s, err := k.open(ctx, f)
		if errors.Is(err, errIgnored) {
			return
		}
		if err != nil {
			yield(zero, err)
			return
		}
		stopped, cancelled := false, false
		err = decodeAll(s, f, c.maxBody, func(v T, err error) bool {
			if cancelled = ctx.Err() != nil; cancelled {
				return false
			}
			s.records++
			stopped = !yield(v, err)
			return !stopped
		})
		s.close(ctx, err)
		switch {
		case stopped:
			return
		case cancelled, err != nil && ctx.Err() != nil:
			err = k.fail(defect, s.resp, s.attempts, ended(ctx))
		case err != nil:
			err = k.fail(k.streamKind(err), s.resp, s.attempts, err)
		default:
			return
		}
		yield(zero, err)
	}
}

// streamKind is what can be done about a failure in the midst of a stream.
func (k *call) streamKind(err error) kind {
	var arrival *arrivalError
	if errors.As(err, &arrival) || errors.Is(err, ErrCut) || errors.Is(err, ErrNotJSON) {
		return k.judgeError(err).kind
	}
	return defect
}

// An openStream is an answer whose body is being read.
type openStream struct {
	call     *call
	resp     *Response
	attempts int
	start    time.Time
	records  int
	bytes    int64

	raw    io.ReadCloser
	body   io.Reader
	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   *time.Timer
}

// An arrivalError is a failure of the body to arrive, as opposed to one of what
// is in it.
type arrivalError struct{ err error }

func (e *arrivalError) Error() string { return e.err.Error() }
func (e *arrivalError) Unwrap() error { return e.err }

// Read reads from the body. The source's silence is limited, the time that the
// caller takes between reads is not.
func (s *openStream) Read(p []byte) (int, error) {
	if s.idle != nil {
		s.idle.Reset(s.call.timeout)
		defer s.idle.Stop()
	}
	n, err := s.body.Read(p)
	s.bytes += int64(n)
	if err != nil && err != io.EOF {
		err = &arrivalError{s.call.because(s.ctx, err)}
	}
	return n, err
}

func (s *openStream) close(ctx context.Context, err error) {
	if s.idle != nil {
		s.idle.Stop()
	}
	s.cancel(nil)
	_ = s.raw.Close()
	attrs := []slog.Attr{
		slog.String("method", s.call.method), slog.String("path", s.call.path()), slog.Int("attempt", s.attempts),
		slog.Duration("duration", time.Since(s.start)), slog.Int("status", s.resp.Status),
		slog.Int64("bytes", s.bytes), slog.Int("records", s.records),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", s.logText(err)))
	}
	s.call.client.log().LogAttrs(ctx, slog.LevelDebug, "http stream", attrs...)
}

// logText is like that of a call, for errors of formats.
func (s *openStream) logText(err error) string {
	var arrival *arrivalError
	if errors.As(err, &arrival) || errors.Is(err, ErrCut) {
		return s.call.mask().text(arrivalText(arrival))
	}
	return "a record can't be read"
}

func arrivalText(err *arrivalError) string {
	if err == nil {
		return ErrCut.Error()
	}
	return err.Error()
}

// open sends the request until an answer of success begins.
func (k *call) open(ctx context.Context, f Format) (*openStream, error) {
	var opened *openStream
	_, err := k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		resp, s, err := k.openOnce(ctx, n, f)
		opened = s
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// openOnce is one try. The stream is nil unless the answer is a success.
func (k *call) openOnce(ctx context.Context, n int, f Format) (resp *Response, s *openStream, err error) {
	done, err := k.admit(ctx)
	if err != nil {
		return nil, nil, err
	}
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	s = &openStream{call: k, attempts: n, start: time.Now(), ctx: ctx, cancel: cancel}
	if k.timeout > 0 {
		s.idle = time.AfterFunc(k.timeout, func() { cancel(fmt.Errorf("%w: silent for %v", ErrTimeout, k.timeout)) })
	}
	// Only its beginning counts as a request under way: who reads a stream may
	// well make others for each of its records, and must not wait for itself.
	defer done()
	defer func() {
		if err == nil && resp.Status < 300 {
			return
		}
		if s.idle != nil {
			s.idle.Stop()
		}
		cancel(nil)
		k.logTry(outer, n, s.start, resp, err)
		s = nil
	}()
	hr, err := k.send(ctx)
	if err != nil {
		return nil, s, err
	}
	if hr.StatusCode >= 300 {
		sent := hr.Request
		resp, err = receive(hr, k.client.maxBody)
		resp.request = sent
	} else {
		resp = &Response{Status: hr.StatusCode, Header: hr.Header, URL: hr.Request.URL, request: hr.Request}
	}
	if err == nil {
		if rule := k.ruleFor(resp); rule != nil && rule.Do != DoIgnore {
			err = &ruledError{rule}
		} else if rule != nil {
			// An empty answer, in whatever format.
			_ = hr.Body.Close()
			resp.ignored = true
			err = errIgnored
		}
	}
	if err != nil || resp.Status >= 300 {
		if resp.Status < 300 {
			_ = hr.Body.Close()
		}
		return resp, s, err
	}
	s.resp, s.raw = resp, hr.Body
	body, err := newBodyReader(hr)
	if err == nil {
		buf := bufio.NewReader(body)
		s.body = buf
		err = k.because(ctx, refusePage(hr.Header, buf, f))
	}
	if err != nil {
		_ = hr.Body.Close()
	}
	if s.idle != nil {
		s.idle.Stop()
	}
	return resp, s, err
}

// refusePage recognises a web page where records were expected, and a body that
// doesn't even begin.
func refusePage(h http.Header, buf *bufio.Reader, f Format) error {
	first, err := buf.Peek(1)
	if err != nil && err != io.EOF {
		return err
	}
	if f.markup() || len(first) == 0 {
		return nil
	}
	typ, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if first[0] == '<' && strings.Contains(typ, "html") {
		head, _ := buf.Peek(min(buf.Buffered(), 200))
		return fmt.Errorf("%w: %s", errWebPage, excerpt(head))
	}
	return nil
}

// errWebPage is judged like ErrNotJSON, whatever the format.
var errWebPage = fmt.Errorf("%w but a web page", ErrNotJSON)

// errIgnored ends an attempt whose answer a rule takes for an empty one.
var errIgnored = final(errors.New("a rule ignores the answer"))
