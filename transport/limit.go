package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is a budget of requests. Its zero value limits nothing but obeys what
// the source says about its own limits.
type Limit struct {
	// PerSecond is how many requests per second are sent on average. Optional;
	// 0 is no limit.
	PerSecond float64

	// PerMinute is a second limit beside PerSecond, per minute. Optional; 0 is
	// no limit.
	PerMinute float64

	// Burst is how many requests may be sent at once after a pause. Optional;
	// the default is 1, so that requests are spread evenly.
	Burst int

	// Concurrent is how many requests may be under way at a time, the arrival of
	// their bodies included, but not that of streams. Optional; 0 is no limit.
	Concurrent int

	// Key divides requests into groups, each of which has the whole budget for
	// itself: by host or by endpoint, as the source counts. It must return one
	// of a small number of values. Optional; the default is one group for all.
	Key func(method, host, path string) string

	// IgnoreHeaders switches off that the source's headers are obeyed: that
	// all requests pause when the source says that nothing is left
	// (RateLimit-Remaining, X-RateLimit-Remaining, RateLimit), until the time
	// that it names, or answers 429 with a Retry-After. Optional.
	IgnoreHeaders bool
}

// A Limiter keeps requests within a [Limit]. Any number of clients and
// goroutines can share one. It counts tries, repeated ones included, but not
// what a login or a token endpoint is asked.
type Limiter struct {
	limit Limit
	slots chan struct{}

	mu     sync.Mutex
	groups map[string]*budget
}

// A budget is what one group of requests has left.
type budget struct {
	second, minute *rate.Limiter
	mu             sync.Mutex
	until          time.Time // a pause that the source asked for
	reason         string
}

// NewLimiter returns a limiter. The error is about a negative field.
func NewLimiter(limit Limit) (*Limiter, error) {
	if !(limit.PerSecond >= 0) || !(limit.PerMinute >= 0) || limit.Burst < 0 || limit.Concurrent < 0 {
		return nil, errors.New("transport: a limit is negative")
	}
	l := &Limiter{limit: limit, groups: map[string]*budget{}}
	if limit.Concurrent > 0 {
		l.slots = make(chan struct{}, limit.Concurrent)
	}
	return l, nil
}

// WithLimit gives the client a budget of its own; see [WithLimiter] for one that
// is shared. The default is the zero [Limit].
func WithLimit(limit Limit) Option {
	return func(s *settings) {
		l, err := NewLimiter(limit)
		if err != nil {
			s.fail("WithLimit: %w", err)
			return
		}
		s.limiter = l
	}
}

// WithLimiter makes the client take its requests from a budget that is shared
// with other clients. A nil limiter limits nothing at all.
func WithLimiter(l *Limiter) Option {
	return func(s *settings) { s.limiter, s.unlimited = l, l == nil }
}

// Wait waits until a request may be sent, and takes it from the budget. Call
// done when the request is over. It is what a client does before each try; use
// it for requests made by other means. waiting, if not nil, is told of a wait
// before it begins, with its reason. The error is the context's.
func (l *Limiter) Wait(ctx context.Context, method, host, path string, waiting func(time.Duration, string)) (done func(), err error) {
	if l == nil {
		return func() {}, ctx.Err()
	}
	done = func() {}
	if l.slots != nil {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ended(ctx)
		}
		done = sync.OnceFunc(func() { <-l.slots })
	}
	if err := l.budget(method, host, path).wait(ctx, waiting); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// Observe tells the limiter what a response said about the source's limits.
func (l *Limiter) Observe(method, host, path string, status int, header http.Header) {
	if l == nil || l.limit.IgnoreHeaders {
		return
	}
	now := time.Now()
	if status == http.StatusTooManyRequests {
		if d, ok := askedWait(header, now); ok {
			l.budget(method, host, path).pause(now.Add(d), "the source asks to wait")
			return
		}
	}
	if q := readQuota(header, now); q.known && q.remaining <= 0 && q.reset > 0 {
		l.budget(method, host, path).pause(now.Add(q.reset), "the source's quota is used up")
	}
}

// maxGroups bounds the memory for a Key that returns ever new values; what is
// beyond shares one budget.
const maxGroups = 4096

func (l *Limiter) budget(method, host, path string) *budget {
	key := ""
	if l.limit.Key != nil {
		key = l.limit.Key(method, host, path)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.groups[key]
	if b == nil && len(l.groups) >= maxGroups {
		key = ""
		b = l.groups[key]
	}
	if b == nil {
		b = &budget{}
		burst := max(l.limit.Burst, 1)
		if l.limit.PerSecond > 0 {
			b.second = rate.NewLimiter(rate.Limit(l.limit.PerSecond), burst)
		}
		if l.limit.PerMinute > 0 {
			b.minute = rate.NewLimiter(rate.Limit(l.limit.PerMinute/60), burst)
		}
		l.groups[key] = b
	}
	return b
}

func (b *budget) pause(until time.Time, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.until) {
		b.until, b.reason = until, reason
	}
}

func (b *budget) wait(ctx context.Context, waiting func(time.Duration, string)) error {
	for {
		b.mu.Lock()
		d, reason := time.Until(b.until), b.reason
		b.mu.Unlock()
		if d <= 0 {
			break
		}
		if waiting != nil {
			waiting(d, reason)
		}
		if err := sleep(ctx, d); err != nil {
			return err
		}
	}
	now := time.Now()
	var taken []*rate.Reservation
	var d time.Duration
	for _, r := range []*rate.Limiter{b.second, b.minute} {
		if r != nil {
			res := r.ReserveN(now, 1)
			taken = append(taken, res)
			d = max(d, res.DelayFrom(now))
		}
	}
	if d <= 0 {
		return ctx.Err()
	}
	if waiting != nil {
		waiting(d, "the client's own rate limit")
	}
	if err := sleep(ctx, d); err != nil {
		for _, r := range taken {
			r.Cancel() // give it back to the others
		}
		return err
	}
	return nil
}

// A quotaError says that the source asks everybody to wait for longer than a
// request may take: better to fail, and to come back with the next sync.
type quotaError struct {
	wait   time.Duration
	reason string
}

func (e *quotaError) Error() string {
	return e.reason + ", for another " + e.wait.Round(time.Second).String()
}

// paused returns how long the requests of a group are to wait, and why.
func (l *Limiter) paused(method, host, path string) (time.Duration, string) {
	if l == nil {
		return 0, ""
	}
	b := l.budget(method, host, path)
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.until), b.reason
}

// admit waits for the client's budget before a try.
func (k *call) admit(ctx context.Context) (done func(), err error) {
	l := k.client.limiter
	if limit := k.client.retry.elapsed(); limit >= 0 {
		if d, reason := l.paused(k.method, k.url.Host, k.url.Path); d > limit {
			return nil, &quotaError{d, reason}
		}
	}
	return l.Wait(ctx, k.method, k.url.Host, k.url.Path, func(d time.Duration, reason string) {
		level := slog.LevelDebug
		if d >= time.Second {
			level = slog.LevelInfo
		}
		k.client.log().LogAttrs(ctx, level, "waiting before a request", slog.String("method", k.method),
			slog.String("path", k.path()), slog.Duration("wait", d), slog.String("reason", reason))
	})
}
