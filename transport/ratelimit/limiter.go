// Package ratelimit keeps requests to a source within the source's limits: a rate,
// a number of concurrent requests, and pauses that the source asks for. It does not
// depend on net/http.
//
//	limiter, err := ratelimit.New(ratelimit.Limit{PerSecond: 5, Concurrent: 2})
//	...
//	done, err := limiter.Wait(ctx, "", nil)
//	if err != nil {
//		return err
//	}
//	defer done()
//	rows, err := db.QueryContext(ctx, query)
//
// A client of package transport waits by itself. Pass the limit to
// transport.WithLimit, or a limiter that several clients share to
// transport.WithLimiter.
package ratelimit

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// A Limit bounds the number of requests that are sent. The zero Limit allows any
// number.
type Limit struct {
	// PerSecond is the average number of requests per second. Optional; 0 means
	// no limit.
	PerSecond float64

	// PerMinute is the average number of requests per minute, in addition to
	// PerSecond. Optional; 0 means no limit.
	PerMinute float64

	// Burst is the number of requests that may be sent at once after a pause.
	// Optional; the default is 1, which spreads requests evenly.
	Burst int

	// Concurrent is the number of requests that may be in progress at once.
	// Optional; 0 means no limit.
	Concurrent int
}

// A Limiter delays requests so that they stay within a [Limit]. It is safe for
// concurrent use, and is meant to be shared by everything that sends requests to
// the same source.
//
// Requests belong to groups, such as a host or an endpoint. Each group has its own
// rate and pauses. Concurrent counts the requests of all groups.
type Limiter struct {
	limit Limit
	slots chan struct{}

	mu     sync.Mutex
	groups map[string]*group
}

// A group is the budget of one group of requests.
type group struct {
	rates []*rate.Limiter

	mu     sync.Mutex
	until  time.Time // the end of a pause
	reason string
}

// New returns a limiter. It is an error if a field of limit is negative.
func New(limit Limit) (*Limiter, error) {
	if !(limit.PerSecond >= 0) || !(limit.PerMinute >= 0) || limit.Burst < 0 || limit.Concurrent < 0 {
		return nil, errors.New("ratelimit: a limit is negative")
	}
	l := &Limiter{limit: limit, groups: map[string]*group{}}
	if limit.Concurrent > 0 {
		l.slots = make(chan struct{}, limit.Concurrent)
	}
	return l, nil
}

// Wait waits until a request of a group may be sent, and counts it. The caller must
// call done when the request has completed. If waiting is not nil, it is called
// before each wait, with its length and reason. The error comes from the context. A
// nil Limiter does not wait.
func (l *Limiter) Wait(ctx context.Context, group string, waiting func(time.Duration, string)) (done func(), err error) {
	done = func() {}
	if l == nil {
		return done, ctx.Err()
	}
	if waiting == nil {
		waiting = func(time.Duration, string) {}
	}
	g := l.group(group)
	for {
		// A request that waits for the end of a pause must not hold a slot, which
		// the requests of other groups could use.
		if err := g.waitForPause(ctx, waiting); err != nil {
			return nil, err
		}
		if l.slots != nil {
			select {
			case l.slots <- struct{}{}:
			case <-ctx.Done():
				return nil, ctxwait.Cause(ctx)
			}
			done = sync.OnceFunc(func() { <-l.slots })
		}
		if d, _ := g.paused(); d <= 0 {
			break
		}
		done()
	}
	if err := g.waitForRate(ctx, waiting); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// Pause delays the requests of a group until an instant, because the source asks
// for it. The reason is passed to the functions that observe waits. An earlier pause
// that lasts longer remains in effect. A nil Limiter ignores the call.
func (l *Limiter) Pause(group string, until time.Time, reason string) {
	if l == nil {
		return
	}
	g := l.group(group)
	g.mu.Lock()
	defer g.mu.Unlock()
	if until.After(g.until) {
		g.until, g.reason = until, reason
	}
}

// Paused returns the remaining duration of the current pause of a group, and its
// reason. The duration is not positive if there is none.
func (l *Limiter) Paused(group string) (time.Duration, string) {
	if l == nil {
		return 0, ""
	}
	return l.group(group).paused()
}

// maxGroups bounds the memory if callers keep using new groups. Further groups share
// one budget.
const maxGroups = 4096

func (l *Limiter) group(name string) *group {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.groups[name]
	if g == nil && len(l.groups) >= maxGroups {
		name = ""
		g = l.groups[name]
	}
	if g == nil {
		g = newGroup(l.limit)
		l.groups[name] = g
	}
	return g
}

func newGroup(limit Limit) *group {
	g := &group{}
	for _, perSecond := range []float64{limit.PerSecond, limit.PerMinute / 60} {
		if perSecond > 0 {
			g.rates = append(g.rates, rate.NewLimiter(rate.Limit(perSecond), max(limit.Burst, 1)))
		}
	}
	return g
}

func (g *group) paused() (time.Duration, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until), g.reason
}

// waitForPause waits until the group is not paused.
func (g *group) waitForPause(ctx context.Context, waiting func(time.Duration, string)) error {
	for {
		d, reason := g.paused()
		if d <= 0 {
			return nil
		}
		waiting(d, reason)
		if err := ctxwait.Sleep(ctx, d); err != nil {
			return err
		}
	}
}

// waitForRate waits until the rate of the group allows a request.
func (g *group) waitForRate(ctx context.Context, waiting func(time.Duration, string)) error {
	now := time.Now()
	var taken []*rate.Reservation
	var d time.Duration
	for _, r := range g.rates {
		reservation := r.ReserveN(now, 1)
		taken = append(taken, reservation)
		d = max(d, reservation.DelayFrom(now))
	}
	if d <= 0 {
		return ctx.Err()
	}
	waiting(d, "the client's own rate limit")
	if err := ctxwait.Sleep(ctx, d); err != nil {
		for _, r := range taken {
			r.Cancel() // others may use it
		}
		return err
	}
	return nil
}
