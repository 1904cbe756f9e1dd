package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Do sends a request and returns the source's answer with the whole of its
// body, which is at most as large as [WithMaxBody] allows. It repeats the
// request as [Retry] says; the body's arrival is part of a try. An answer whose
// status is not 2xx, after redirects, is an error.
//
// The error is an [*Error]. Where the context has ended it wraps the context's
// error.
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	return c.do(ctx, req, nil)
}

// do is Do with a check of the answer that is part of the try: what the check
// calls cut is asked for again.
func (c *Client) do(ctx context.Context, req Request, check func(*Response) error) (*Response, error) {
	k, err := c.prepare(req)
	if err != nil {
		return nil, k.fail(defect, nil, 0, err)
	}
	return k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		return k.attempt(ctx, n, check)
	})
}

// attempt is one try of a call.
func (k *call) attempt(ctx context.Context, n int, check func(*Response) error) (resp *Response, err error) {
	done, err := k.admit(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	start := time.Now()
	if k.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, k.timeout, fmt.Errorf("%w: %v", ErrTimeout, k.timeout))
		defer cancel()
	}
	defer func() { k.logTry(ctx, n, start, resp, err) }()
	hr, err := k.send(ctx) //nolint:bodyclose // receive closes it
	if err != nil {
		return nil, err
	}
	sent := hr.Request
	resp, err = receive(hr, k.client.maxBody)
	resp.request = sent
	if err != nil {
		return resp, k.because(ctx, err)
	}
	if rule := k.ruleFor(resp); rule != nil {
		if rule.Do != DoIgnore {
			return resp, &ruledError{rule}
		}
		resp.ignored = true
	}
	if k.errorAt.text != "" && resp.Status < 300 && !resp.ignored {
		if err := reported(resp, k.errorAt); err != nil {
			return resp, err
		}
	}
	if check != nil && (resp.Status < 300 || resp.ignored) {
		err = check(resp)
	}
	return resp, err
}

// send executes the request once and returns as soon as the headers of its
// answer are there.
func (k *call) send(ctx context.Context) (*http.Response, error) {
	r := k.client.rest.R().SetContext(withCall(ctx, k)).SetDoNotParseResponse(true)
	for name, values := range k.header {
		r.Header[name] = values
	}
	if k.body != nil {
		r.SetBody(bytes.NewReader(k.body))
	}
	resp, err := r.Execute(k.method, k.url.String())
	if err != nil {
		// On a refused redirect net/http returns the response as well, closed.
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, k.because(ctx, err)
	}
	hr := resp.RawResponse
	k.client.limiter.Observe(k.method, k.url.Host, k.url.Path, hr.StatusCode, hr.Header)
	for _, hook := range k.client.onResponse {
		if err := hook(hr); err != nil {
			drain(hr.Body)
			return nil, &hookError{err}
		}
	}
	return hr, nil
}

// because returns the reason why a try's own context ended, if it did, instead
// of what that looked like to the network.
func (k *call) because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if cause := context.Cause(ctx); errors.Is(cause, ErrTimeout) {
			return cause
		}
	}
	return err
}

// path returns the path of the call's URL, for logs.
func (k *call) path() string { return k.mask().text(k.url.EscapedPath()) }

// logTry writes the debug line of one try. It holds no query, header or body.
func (k *call) logTry(ctx context.Context, n int, start time.Time, resp *Response, err error) {
	log := k.client.log()
	if !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", k.method), slog.String("path", k.path()), slog.Int("attempt", n),
		slog.Duration("duration", time.Since(start)),
	}
	if resp != nil {
		attrs = append(attrs, slog.Int("status", resp.Status), slog.Int("bytes", len(resp.Body)))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", k.logText(err)))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "http request", attrs...)
}

// logText returns an error for a log line. Errors about what is in a body repeat
// a part of it, which is for the caller and not for the log.
func (k *call) logText(err error) string {
	for _, about := range []error{ErrReported, ErrNotJSON, ErrNoRecords} {
		if errors.Is(err, about) {
			return about.Error()
		}
	}
	var decoding finalError
	if errors.As(err, &decoding) {
		return "the answer can't be decoded"
	}
	return k.mask().text(err.Error())
}
