package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/status"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// WithRetry sets how often requests are repeated and how long to wait between the
// attempts. The default is the zero retry.Policy: 8 attempts within 15 minutes.
//
// Until the source has responded for the first time to any request of the client, a request
// fails after 1 minute, because the address is probably wrong. The time in which a token
// endpoint (auth.OAuth2) responds with failures does not count. The limit does not apply if
// the policy sets Elapsed or has another field above its default. If [WithTimeout] or
// [Request].Timeout allows an attempt more than 1 minute, it has that time.
//
// A request is repeated if its failure may be temporary: the connection could not
// be made, broke, or was too slow ([WithTimeout]); the body was truncated; or the
// status was 408, 425, 429, 500, 502, 503, 504, 529, or one of 520 to 524, which
// proxies use. This applies to idempotent methods and to requests that are marked as
// such ([Request].Idempotent). Other requests are repeated only if they cannot have
// had an effect: the connection was never made, or the status was 425 or 429.
//
// If the source asks for a wait, the client waits that long instead of the policy's random
// backoff, and the attempt does not count toward the policy's maximum. The source can ask
// with Retry-After in seconds or as an HTTP date (RFC 9110 §10.2.3), with its rate-limit
// headers ([WithoutLimitHeaders] lists them) or in the body ([Rule].Wait). The same applies
// to a 403 or 420 with such headers. A 403 whose headers say only when a limit is renewed,
// and not that it is used up, is repeated once.
//
// Waits are logged with their reason and end immediately if the context ends. A wait that
// would end after the deadline of the context is not started. A [Rule] changes how
// individual responses are handled.
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
	doubt   bool          // whether it may be repeated only once, since it may be final
	reason  string
}

// waitFor makes the verdict wait as long as an error of an [Auth] asks.
func (v *verdict) waitFor(err error) {
	var asks interface{ RetryAfter() time.Duration }
	if v.again && errors.As(err, &asks) && asks.RetryAfter() > 0 {
		v.wait, v.asked = asks.RetryAfter(), true
	}
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
	ctx, cancel := context.WithTimeoutCause(ctx, k.timeout, fmt.Errorf("%w: %v", ErrTimeout, k.timeout))
	limit := k.untilResponse()
	if limit == k.timeout {
		return ctx, cancel
	}
	ctx, stop := k.limitContact(ctx, limit)
	return ctx, func() { stop(); cancel() }
}

// judge decides how to handle an attempt that failed.
func (k *call) judge(resp *Response, err error) verdict {
	// A ruledError that err wraps is about another request, such as that of a login.
	if ruled, ok := err.(*ruledError); ok {
		return k.judgeRule(ruled.rule, resp)
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
		v.wait, v.asked = k.askedWait(resp.Status, resp.Header)
	case resp.Status == http.StatusForbidden, resp.Status == statusEnhanceYourCalm:
		k.judgeForbidden(resp, &v)
	case resp.Status == http.StatusUnauthorized:
		v.kind = configuration
		if _, ok := k.client.auth.(refresher); ok && k.trusted {
			v.refresh = true
		}
	case resp.Status == http.StatusProxyAuthRequired:
		v.kind = configuration
	case (resp.Status == http.StatusNotFound || k.movedAway(resp)) && !k.client.reached.Load():
		v.kind = configuration
	}
	return v
}

// judgeForbidden decides how to handle a 403 or 420, with which some sources respond when a
// limit is used up.
func (k *call) judgeForbidden(resp *Response, v *verdict) {
	limited, doubtful := k.rateLimited(resp.Header)
	switch {
	case limited:
		v.kind, v.again, v.doubt = temporary, true, doubtful && resp.Status == http.StatusForbidden
		v.wait, v.asked = k.askedWait(resp.Status, resp.Header)
	case resp.Status == http.StatusForbidden:
		v.kind = configuration
	}
}
