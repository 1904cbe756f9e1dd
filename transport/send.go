package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
)

// Do sends a request and returns the response with its whole body, of at most
// [WithMaxBody] bytes. It repeats the request as [WithRetry] describes. Reading the
// body is part of an attempt. A status other than 2xx, after redirects, is an error.
//
// The error is an [*Error]. If the context has ended, it wraps the context's error.
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	return c.do(ctx, req, nil)
}

// do is like Do, but each attempt includes a check of the response. If the check reports
// that the response is truncated, the request is repeated.
func (c *Client) do(ctx context.Context, req Request, check func(*Response) error) (*Response, error) {
	k, err := c.prepare(req)
	if err == nil && req.Validators != nil {
		err = errUnsupported
	}
	if err != nil {
		return nil, k.fail(kindOf(err, defect), nil, 0, err)
	}
	return k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		return k.attempt(ctx, n, check)
	})
}

// attempt sends a call once.
func (k *call) attempt(ctx context.Context, n int, check func(*Response) error) (resp *Response, err error) {
	done, err := k.admit(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	start := time.Now()
	ctx, cancel := k.withTimeout(ctx)
	defer cancel()
	var traced *trace
	defer func() { k.logTry(ctx, n, start, resp, traced, err) }()
	hr, t, err := k.send(ctx) //nolint:bodyclose // receive closes it
	traced = t
	if err != nil {
		return nil, err
	}
	resp, err = receive(hr, k.client.maxBody, k.bodySize.expected())
	if err != nil {
		return resp, k.because(ctx, netfailure.Broken(err, k.url))
	}
	if resp.Status < 300 {
		k.bodySize.set(len(resp.Body))
	}
	resp.source = k.client.textSource(resp)
	if err := k.applyRule(resp); err != nil {
		return resp, err
	}
	if k.errorAt != nil && resp.Status < 300 && !resp.ignored {
		if err := reported(resp, *k.errorAt, k.mask()); err != nil {
			return resp, err
		}
	}
	if check != nil && resp.accepted() {
		err = check(resp)
	}
	return resp, err
}

// send sends the request once. It returns as soon as the headers of the response have
// arrived.
func (k *call) send(ctx context.Context) (*http.Response, *trace, error) {
	if k.progress = nil; !k.client.answered.Load() {
		k.progress, ctx = newProgress(ctx, k.url)
	}
	hr, t, err := k.execute(ctx, k.client.log().Enabled(ctx, slog.LevelDebug))
	if err != nil {
		return nil, t, k.because(ctx, err)
	}
	k.observe(hr.StatusCode, hr.Header)
	for _, hook := range k.client.onResponse {
		if err := hook(hr); err != nil {
			drain(hr.Body)
			return nil, t, &hookError{err}
		}
	}
	return hr, t, nil
}

// because returns the cause if the context of an attempt has ended. Otherwise, it
// returns the error from the network.
func (k *call) because(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	cause := context.Cause(ctx)
	var auth *authError
	switch {
	case !errors.Is(cause, ErrTimeout):
		return err
	case errors.As(err, &auth) && errors.Is(err, ErrTimeout):
		return err // it also says what has failed before
	case k.progress != nil && !k.client.answered.Load():
		return &silentError{progress: k.progress, err: cause}
	}
	return cause
}

// path returns the path of the call's URL, for logs.
func (k *call) path() string { return k.mask().text(k.url.EscapedPath()) }

// logTry logs an attempt at debug level, without its query, headers and body.
func (k *call) logTry(ctx context.Context, n int, start time.Time, resp *Response, t *trace, err error) {
	log := k.client.log()
	if !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := k.logAttrs(n, start, t)
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.Status), slog.Int("bytes", len(resp.Body)))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", k.logText(err)))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "http request", attrs...)
}

// logAttrs returns what each debug line about an attempt says.
func (k *call) logAttrs(n int, start time.Time, t *trace) []slog.Attr {
	return append([]slog.Attr{
		slog.String("method", k.method), slog.String("path", k.path()), slog.Int("attempt", n),
		slog.Duration("duration", time.Since(start)),
	}, t.attrs()...)
}

// logText returns an error for a log line. The texts of errors about the content of a
// body quote it, which is for the caller and not for the log.
func (k *call) logText(err error) string {
	for _, about := range []error{ErrReported, ErrNotJSON, ErrNoRecords} {
		if errors.Is(err, about) {
			return about.Error()
		}
	}
	var decoding finalError
	if errors.As(err, &decoding) {
		return "the response cannot be decoded"
	}
	return k.mask().text(err.Error())
}
