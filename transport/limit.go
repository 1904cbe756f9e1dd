package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
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

// WithoutLimitHeaders makes the client ignore the headers in which sources report their
// limits. The request that was refused still waits as its Retry-After says.
//
// By default, all requests of a group ([WithLimitKey]) pause if a response says that a limit
// is used up and when it is renewed, or if its status is 429 and it asks for a wait. The
// pause lasts until the time that the response names. If several limits are used up, it
// lasts until the last of them is renewed. The client understands the header RateLimit of
// the IETF draft ratelimit-headers in all its forms, and pairs of headers whose names
// contain the words rate limit, remaining and reset:
//
//	RateLimit: "burst";r=0;t=5, "daily";r=100;t=3600
//	RateLimit: limit=10, remaining=0, reset=5
//	RateLimit-Remaining: 0                    RateLimit-Reset: 5
//	X-RateLimit-Remaining: 0                  X-RateLimit-Reset: 1714566615
//	X-RateLimit-Remaining-Minute: 0           X-RateLimit-Reset-Minute: 30
//	X-Example-RateLimit-Tokens-Remaining: 0   X-Example-RateLimit-Tokens-Reset: 6m0s
//
// A reset may be a number of seconds, a duration such as 6m0s, a date, or a Unix time. The
// client compares a time of day with the Date of the response, because the clock of the
// source may differ from its own.
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
	if status == http.StatusTooManyRequests {
		if d, ok := k.askedWait(status, header); ok {
			k.pause(d, "the source asks to wait")
			return
		}
	}
	if d := untilRenewed(readQuotas(header, time.Now())); d > 0 {
		k.pause(d, "the source's quota is used up")
	}
}

// pause delays all requests of the call's group.
func (k *call) pause(d time.Duration, reason string) {
	k.client.limiter.Pause(k.limitGroup(), time.Now().Add(d), reason)
}

// admit waits until the client's limit allows an attempt.
func (k *call) admit(ctx context.Context) (done func(), err error) {
	limiter, group := k.client.limiter, k.limitGroup()
	if d, reason := limiter.Paused(group); d > 0 {
		if limit, ok := k.client.retry.MaxElapsed(); ok && d > limit {
			return nil, &pausedError{wait: d, reason: reason, limit: limit}
		}
		if left, ok := ctxwait.Left(ctx); ok && d >= left {
			return nil, &pausedError{wait: d, reason: reason}
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
	limit  time.Duration // retry.Policy.Elapsed; 0 if the deadline of the context is the limit
}

func (e *pausedError) Error() string {
	text := e.reason + ", for another " + e.wait.Round(time.Second).String() + ", which exceeds "
	if e.limit == 0 {
		return text + "the time that is left for this operation"
	}
	return text + "the limit of " + e.limit.String() + "; raise retry.Policy.Elapsed (transport.WithRetry), or pass transport.WithoutLimitHeaders if the headers of the source are wrong"
}

// Is reports whether target is context.DeadlineExceeded and the deadline of the context is
// the limit.
func (e *pausedError) Is(target error) bool {
	return e.limit == 0 && target == context.DeadlineExceeded
}
