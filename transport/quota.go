package transport

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// A quota is the state of one of the source's limits according to the headers of a
// response. A source may have several, for example one per second and one per day.
type quota struct {
	known     bool // remaining is
	remaining float64
	reset     time.Duration // until the quota is renewed; 0 if it is unknown, or more remains
	window    time.Duration // the length of its period, if its name says that; else 0
}

func (q quota) usedUp() bool { return q.known && q.remaining <= 0 }

// readQuotas reads the headers with which sources report their limits:
//
//   - RateLimit in all forms of the IETF draft ratelimit-headers, with any number of
//     policies, and fields with the same syntax and long names (Zendesk)
//   - pairs of fields whose names contain rate limit, remaining and reset, such as
//     RateLimit-Reset, X-RateLimit-Remaining-Minute, X-Rate-Limit-Reset or
//     Anthropic-RateLimit-Tokens-Remaining. The rest of the name identifies the quota.
//     The values may be lists, or come in several lines (RFC 9110 §5.3).
//
// The quotas are in no particular order. local is the local time.
func readQuotas(h http.Header, local time.Time) []quota {
	var quotas []quota
	var now time.Time // on the clock of the source
	var pairs map[string]*quotaPair
	for name, lines := range h {
		f := quotaFieldOf(name)
		if f == nil || len(lines) == 0 {
			continue
		}
		if pairs == nil { // for the first field, because most responses have none
			pairs, now = map[string]*quotaPair{}, sourceTime(h, local)
		}
		if f.part == "" {
			if len(quotas) < maxQuotas && strings.Contains(lines[0], "=") {
				quotas = append(quotas, parseRateLimit(strings.Join(lines, ","), f.short, now)...)
			}
			continue
		}
		p := pairs[f.quota]
		if p == nil {
			if len(pairs) == maxQuotas {
				continue
			}
			p = &quotaPair{field: f}
			pairs[f.quota] = p
		}
		p.add(f, listOf(lines))
	}
	for _, p := range pairs {
		quotas = append(quotas, p.quotas(now)...)
	}
	return quotas
}

// maxQuotas bounds the quotas of one field, and the fields, which a source could repeat
// without limit.
const maxQuotas = 64

// A quotaPair collects the fields that describe the same quotas.
type quotaPair struct {
	field     *quotaField
	remaining []string
	resets    []string
	relative  bool // resets has the values of a field that is relative by its name
}

// add adds the values of a field. A duration takes precedence over a time of day, because
// it does not depend on a clock.
func (p *quotaPair) add(f *quotaField, values []string) {
	if f.part == "remaining" {
		p.remaining = append(p.remaining, values...)
		return
	}
	if p.resets != nil && p.relative && !f.relative {
		return
	}
	p.relative = f.relative
	p.resets = values
	if !f.milli {
		return
	}
	for i, v := range values {
		if ms, ok := number(v); ok && ms <= float64(maxAskedWait.Milliseconds()) {
			values[i] = v + "ms"
		}
	}
}

// quotas returns the quotas of a pair. The nth remaining belongs to the nth reset. If
// their numbers differ, it is unknown which belong together. The shortest reset then
// applies to all, because a request that comes too early is only refused again.
func (p *quotaPair) quotas(now time.Time) []quota {
	var resets []time.Duration
	reset := func(i int) time.Duration {
		if resets == nil {
			for _, v := range p.resets {
				resets = append(resets, resetIn(v, now))
			}
		}
		if p.remaining == nil || len(p.remaining) == len(resets) {
			return resets[i]
		}
		return shortestReset(resets)
	}
	quotas := make([]quota, 0, max(len(p.remaining), len(p.resets)))
	for i, v := range p.remaining {
		v, _, _ = strings.Cut(v, ";")
		q := quota{window: p.field.window}
		if q.remaining, q.known = number(strings.TrimSpace(v)); !q.known || q.usedUp() {
			q.reset = reset(i)
		}
		quotas = append(quotas, q)
	}
	if p.remaining == nil {
		for i := range p.resets {
			quotas = append(quotas, quota{reset: reset(i)})
		}
	}
	if !p.field.rate {
		// Without both parts, a limit may be one of something else, such as storage.
		quotas = slices.DeleteFunc(quotas, func(q quota) bool { return !q.known || q.reset == 0 })
	}
	return quotas
}

func shortestReset(resets []time.Duration) (shortest time.Duration) {
	for _, d := range resets {
		if d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}
