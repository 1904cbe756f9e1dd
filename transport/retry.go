package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// Retry says when and how often a request is repeated. Each field has a
// default, so that Retry{} is a sensible policy and Retry{Attempts: 1} is none.
//
// A request is repeated when it may have failed by accident: the connection
// could not be made, broke or was too slow (see [WithTimeout]); the body ended
// before its end; or the status was 408, 425, 429, 500, 502, 503, 504, or one
// of 520 to 524 and 529, which proxies use. That holds for idempotent methods
// and for requests that say they are ([Request]); another request is repeated
// only where it can't have had an effect: the connection was never made, or
// the source answered 425 or 429.
//
// Between tries it waits: as long as the source asks for, by Retry-After in
// seconds or as an HTTP date (RFC 9110 §10.2.3); else a random time up to a
// limit that doubles with each try ("full jitter"), which spreads requests
// that failed together. Waits are logged with their reason, and end at once
// when the context does.
type Retry struct {
	// Attempts is how often a request is tried in all. Answers of 429 and 503
	// that ask for a wait of their own don't count: a source that says when to
	// come back is obeyed until Elapsed. Optional; the default is 8.
	Attempts int

	// Base is the limit of the first wait; it doubles with each further try.
	// Optional; the default is 500 ms.
	Base time.Duration

	// Max is the longest limit of a wait, other than one that the source asks
	// for. Optional; the default is 1 minute.
	Max time.Duration

	// Elapsed is how long after its first try a request may be tried again: a
	// wait that would end later is not begun, and the request has failed. The
	// same holds for a pause that the source asks of all requests ([Limit]).
	// Optional; the default is 15 minutes, and a negative one is no limit.
	Elapsed time.Duration
}

func (r Retry) check() error {
	if r.Attempts < 0 || r.Base < 0 || r.Max < 0 {
		return errors.New("negative field")
	}
	return nil
}

func (r Retry) attempts() int {
	if r.Attempts == 0 {
		return 8
	}
	return r.Attempts
}

func (r Retry) elapsed() time.Duration {
	if r.Elapsed == 0 {
		return 15 * time.Minute
	}
	return r.Elapsed
}

// backoff returns how long to wait after the nth failed try that counted.
func (r Retry) backoff(n int) time.Duration {
	limit, top := r.Base, r.Max
	if limit == 0 {
		limit = 500 * time.Millisecond
	}
	if top == 0 {
		top = time.Minute
	}
	for ; n > 1 && limit < top; n-- {
		limit *= 2
	}
	return rand.N(min(limit, top) + 1)
}

var retryable = []int{
	http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	520, 521, 522, 523, 524, 529,
}

// A verdict is what to do about a try that failed.
type verdict struct {
	kind    kind
	again   bool          // it may be repeated
	refresh bool          // it may be repeated once, with new credentials
	wait    time.Duration // what the source asked for
	asked   bool          // the source asked for a wait
	reason  string
}

// run tries a call until it succeeds, can't succeed, or the policy's limits are
// reached. try makes one attempt; its response, if there is one, says what the
// source answered.
func (k *call) run(ctx context.Context, try func(ctx context.Context, n int) (*Response, error)) (*Response, error) {
	policy := k.client.retry
	start := time.Now()
	counted, refreshed := 0, false
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return nil, k.fail(defect, nil, n-1, ended(ctx))
		}
		resp, err := try(ctx, n)
		if err == nil && (resp.Status < 300 || resp.ignored) {
			k.client.reached.Store(true)
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, k.fail(defect, resp, n, ended(ctx))
		}
		v := k.judge(resp, err)
		if v.refresh && !refreshed {
			refreshed = true
			if err := k.refresh(ctx, resp); err != nil {
				return nil, k.fail(kindOf(err, configuration), resp, n, fmt.Errorf("renew the credentials: %w", err))
			}
			continue
		}
		if !v.again {
			return nil, k.fail(v.kind, resp, n, err)
		}
		if !v.asked {
			counted++
		}
		if counted >= policy.attempts() {
			return nil, k.fail(v.kind, resp, n, err)
		}
		wait := v.wait
		if !v.asked {
			wait = policy.backoff(counted)
		}
		if limit := policy.elapsed(); limit >= 0 && time.Since(start)+wait > limit {
			if err == nil {
				err = fmt.Errorf("gave up: a wait of %v would exceed the limit of %v", wait.Round(time.Second), limit)
			}
			return nil, k.fail(v.kind, resp, n, err)
		}
		k.client.log().LogAttrs(ctx, slog.LevelInfo, "waiting before the next try",
			slog.String("method", k.method), slog.String("path", k.path()),
			slog.Duration("wait", wait), slog.String("reason", v.reason), slog.Int("attempt", n))
		if err := sleep(ctx, wait); err != nil {
			return nil, k.fail(defect, resp, n, err)
		}
	}
}

// refresh asks the client's Auth for new credentials.
func (k *call) refresh(ctx context.Context, resp *Response) error {
	r, ok := k.client.auth.(refresher)
	if !ok || resp.request == nil {
		return nil
	}
	return r.Refresh(withCall(ctx, k), resp.request)
}

// judge says what to do about a failed try.
func (k *call) judge(resp *Response, err error) verdict {
	var ruled *ruledError
	if errors.As(err, &ruled) {
		v := k.judgeRule(ruled.rule, resp)
		if v.again {
			v.wait, v.asked = askedWait(resp.Header, time.Now())
		}
		return v
	}
	if err != nil {
		return k.judgeError(err)
	}
	v := verdict{reason: statusText(resp.Status)}
	switch {
	case slices.Contains(retryable, resp.Status):
		v.kind = temporary
		refused := resp.Status == http.StatusTooManyRequests || resp.Status == http.StatusTooEarly
		v.again = k.idempotent || refused
		if resp.Status == http.StatusTooManyRequests || resp.Status == http.StatusServiceUnavailable {
			v.wait, v.asked = askedWait(resp.Header, time.Now())
		}
	case resp.Status == http.StatusForbidden && rateLimited(resp.Header):
		// Some sources answer 403 when a quota is used up.
		v.kind, v.again = temporary, true
		v.wait, v.asked = askedWait(resp.Header, time.Now())
	case resp.Status == http.StatusUnauthorized:
		v.kind = configuration
		if _, ok := k.client.auth.(refresher); ok && k.trusted {
			v.refresh = true
		}
	case resp.Status == http.StatusForbidden, resp.Status == http.StatusProxyAuthRequired:
		v.kind = configuration
	case resp.Status == http.StatusNotFound && !k.client.reached.Load():
		v.kind = configuration
	}
	if v.asked {
		v.reason += ", the source asks to wait"
	}
	return v
}

// sleep waits, or returns why the context ended.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended returns why a context ended: its error, and the cause if that says
// more.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
