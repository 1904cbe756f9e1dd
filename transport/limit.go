package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

// WithLimit limits the requests of the client. The default is the zero
// ratelimit.Limit, which allows any number of requests. In any case, the client obeys
// the rate-limit headers of the source, unless [WithoutLimitHeaders] is set.
//
// The limit applies to every attempt of a request, from sending it to the end of its
// body; for a stream, to the beginning of the body. It does not apply to the requests
// with which an [Auth] obtains credentials.
func WithLimit(limit ratelimit.Limit) Option {
	return func(s *settings) {
		l, err := ratelimit.New(limit)
		if err != nil {
			s.fail("WithLimit: %w", err)
			return
		}
		s.limiter = l
	}
}

// WithLimiter is like [WithLimit], but shares a limiter with other clients. A nil
// limiter limits nothing, and the client then ignores the rate-limit headers of the
// source.
func WithLimiter(l *ratelimit.Limiter) Option {
	return func(s *settings) { s.limiter = l }
}

// WithLimitKey divides the requests of the client into groups that are limited
// separately, by host or by endpoint, as the source counts. The function must return
// one of a small number of values. The default is one group.
func WithLimitKey(key func(method, host, path string) string) Option {
	return func(s *settings) { s.limitKey = key }
}

// WithoutLimitHeaders makes the client ignore the rate-limit headers of the source.
// By default, all requests of a group pause if a response says that no requests
// remain (RateLimit-Remaining, X-RateLimit-Remaining, RateLimit), or if its status is
// 429 and it has a Retry-After. The pause lasts until the time that the response
// names.
func WithoutLimitHeaders() Option {
	return func(s *settings) { s.ignoreLimitHeaders = true }
}

// limitGroup returns the group of requests that a call belongs to.
func (k *call) limitGroup() string {
	if k.client.limitKey == nil {
		return ""
	}
	return k.client.limitKey(k.method, k.url.Host, k.url.Path)
}

// observe pauses the client's requests if a response asks for it.
func (k *call) observe(status int, header http.Header) {
	if k.client.limiter == nil || k.client.ignoreLimitHeaders {
		return
	}
	now := time.Now()
	if status == http.StatusTooManyRequests {
		if d, ok := askedWait(header, now); ok {
			k.client.limiter.Pause(k.limitGroup(), now.Add(d), "the source asks to wait")
			return
		}
	}
	if q := readQuota(header, now); q.known && q.remaining <= 0 && q.reset > 0 {
		k.client.limiter.Pause(k.limitGroup(), now.Add(q.reset), "the source's quota is used up")
	}
}

// admit waits until the client's limit allows an attempt.
func (k *call) admit(ctx context.Context) (done func(), err error) {
	limiter, group := k.client.limiter, k.limitGroup()
	if limit, ok := k.client.retry.MaxElapsed(); ok {
		if d, reason := limiter.Paused(group); d > limit {
			return nil, &pausedError{d, reason}
		}
	}
	return limiter.Wait(ctx, group, func(d time.Duration, reason string) {
		level := slog.LevelDebug
		if d >= time.Second {
			level = slog.LevelInfo
		}
		k.client.log().LogAttrs(ctx, level, "waiting before a request", slog.String("method", k.method),
			slog.String("path", k.path()), slog.Duration("wait", d), slog.String("reason", reason))
	})
}

// A pausedError reports that the source asks all requests to wait for longer than a
// request may take. The next sync can try again.
type pausedError struct {
	wait   time.Duration
	reason string
}

func (e *pausedError) Error() string {
	return e.reason + ", for another " + e.wait.Round(time.Second).String()
}
