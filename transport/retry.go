package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/status"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// WithRetry sets how often requests are repeated and how long to wait between the
// attempts. The default is the zero retry.Policy: 8 attempts within 15 minutes.
//
// A request is repeated if its failure may be temporary: the connection could not
// be made, broke, or was too slow ([WithTimeout]); the body was truncated; or the
// status was 408, 425, 429, 500, 502, 503, 504, 529, or one of 520 to 524, which
// proxies use. This applies to idempotent methods and to requests that are marked as
// such ([Request].Idempotent). Other requests are repeated only if they cannot have
// had an effect: the connection was never made, or the status was 425 or 429.
//
// If the source asks for a wait, with Retry-After in seconds or as an HTTP date
// (RFC 9110 §10.2.3) or with the headers of its rate limit, the client waits that
// long instead of the policy's random time, and the attempt does not count toward the
// policy's maximum. Waits are logged with their reason and end immediately if the
// context ends. A [Rule] changes how individual responses are handled.
func WithRetry(policy retry.Policy) Option {
	return func(s *settings) {
		if err := policy.Check(); err != nil {
			s.fail("WithRetry: %w", err)
			return
		}
		s.retry = policy
	}
}

// A verdict states how to handle an attempt that failed.
type verdict struct {
	kind    kind
	again   bool          // it may be repeated
	refresh bool          // it may be repeated once, with new credentials
	wait    time.Duration // the wait that the source asks for
	asked   bool          // whether the source asks for a wait
	reason  string
}

// errAttempt stands for the failure of an attempt. The policy does not see the error itself,
// because the verdict has decided about it already.
var errAttempt = errors.New("the attempt failed")

// run repeats a call until it succeeds, its failure is final, or the limits of the
// policy are reached. try makes one attempt. Its response, if any, is what the
// source sent.
func (k *call) run(ctx context.Context, try func(ctx context.Context, n int) (*Response, error)) (*Response, error) {
	var (
		resp      *Response
		failed    error // of the last attempt, or nil if its status is the failure
		last      verdict
		n         int
		refreshed bool
	)
	err := k.client.retry.DoNotify(ctx, func(ctx context.Context) error {
		for {
			n++
			resp, failed = try(ctx, n)
			if failed == nil && (resp.Status < 300 || resp.ignored) {
				k.client.reached.Store(true)
				return nil
			}
			last = k.judge(resp, failed)
			if ctx.Err() != nil || !last.refresh || refreshed {
				return last.mark()
			}
			refreshed = true
			if err := k.refresh(ctx, resp); err != nil {
				failed = fmt.Errorf("renew the credentials: %w", err)
				last = verdict{kind: kindOf(err, configuration)}
				return last.mark()
			}
		}
	}, func(_ error, wait time.Duration) {
		k.client.log().LogAttrs(ctx, slog.LevelInfo, "waiting before the next attempt",
			slog.String("method", k.method), slog.String("path", k.path()),
			slog.Duration("wait", wait), slog.String("reason", last.reason), slog.Int("attempt", n))
	})
	switch {
	case err == nil:
		return resp, nil
	case ctx.Err() != nil:
		return nil, k.fail(defect, resp, n, ctxwait.Cause(ctx))
	}
	cause := causeOf(failed, err)
	if failed == nil && cause == nil {
		cause = k.explainStatus(resp)
	}
	return nil, k.fail(last.kind, resp, n, cause)
}

// mark returns errAttempt, marked for retry.Policy.Do as the verdict requires.
func (v verdict) mark() error {
	switch {
	case !v.again:
		return retry.Permanent(errAttempt)
	case v.asked:
		return retry.After(errAttempt, v.wait)
	}
	return errAttempt
}

// causeOf returns the cause of a failed call: the failure of its last attempt, which is nil
// for a status, since an Error has a field for it. If err reports that the policy gave
// up, so does the cause.
func causeOf(failed, err error) error {
	var gaveUp *retry.GaveUpError
	switch {
	case !errors.As(err, &gaveUp):
		return failed
	case failed == nil:
		return fmt.Errorf("gave up: a wait of %v would exceed the limit of %v", gaveUp.Wait.Round(time.Second), gaveUp.Limit)
	}
	return &retry.GaveUpError{Wait: gaveUp.Wait, Limit: gaveUp.Limit, Err: failed}
}

// refresh asks the client's Auth for new credentials. It takes as long as an attempt may
// take, in which the Auth could also obtain them.
func (k *call) refresh(ctx context.Context, resp *Response) error {
	r, ok := k.client.auth.(refresher)
	if !ok || resp.request == nil {
		return nil
	}
	ctx, cancel := k.withTimeout(ctx)
	defer cancel()
	if err := r.Refresh(ctx, resp.request); err != nil {
		return k.because(ctx, err)
	}
	return nil
}

// withTimeout returns the context of an attempt.
func (k *call) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if k.timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, k.timeout, fmt.Errorf("%w: %v", ErrTimeout, k.timeout))
}

// judge decides how to handle an attempt that failed.
func (k *call) judge(resp *Response, err error) verdict {
	// A ruledError that err wraps is about another request, such as that of a login.
	if ruled, ok := err.(*ruledError); ok {
		v := k.judgeRule(ruled.rule, resp)
		if v.again {
			v.wait, v.asked = askedWait(resp.Header, time.Now())
		}
		return v
	}
	if err != nil {
		return k.judgeError(err)
	}
	v := verdict{reason: status.Text(resp.Status)}
	switch {
	case status.Retryable(resp.Status):
		v.kind = temporary
		refused := resp.Status == http.StatusTooManyRequests || resp.Status == http.StatusTooEarly
		v.again = k.idempotent || refused
		if resp.Status == http.StatusTooManyRequests || resp.Status == http.StatusServiceUnavailable {
			v.wait, v.asked = askedWait(resp.Header, time.Now())
		}
	case resp.Status == http.StatusForbidden && rateLimited(resp.Header):
		// Some sources respond with 403 when a quota is used up.
		v.kind, v.again = temporary, true
		v.wait, v.asked = askedWait(resp.Header, time.Now())
	case resp.Status == http.StatusUnauthorized:
		v.kind = configuration
		if _, ok := k.client.auth.(refresher); ok && k.trusted {
			v.refresh = true
		}
	case resp.Status == http.StatusForbidden, resp.Status == http.StatusProxyAuthRequired:
		v.kind = configuration
	case (resp.Status == http.StatusNotFound || k.movedAway(resp)) && !k.client.reached.Load():
		v.kind = configuration
	}
	if v.asked {
		v.reason += ", the source asks to wait"
	}
	return v
}
