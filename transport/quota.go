package transport

import (
	"cmp"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
// The quotas are in no particular order. now is the local time.
func readQuotas(h http.Header, now time.Time) []quota {
	var quotas []quota
	var pairs map[string]*quotaPair
	for name, lines := range h {
		f := quotaFieldOf(name)
		if f == nil || len(lines) == 0 {
			continue
		}
		if pairs == nil { // for the first field, because most responses have none
			pairs, now = map[string]*quotaPair{}, sourceTime(h, now)
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

// A quotaField is the name of a header about a limit.
type quotaField struct {
	quota    string        // the name without part and unit, which identifies the quota
	part     string        // "remaining" or "reset"; "" if the value has both
	relative bool          // a reset that is a time from now, as the name says
	milli    bool          // a reset in milliseconds, as the name says
	short    bool          // the value may use the names r and t
	rate     bool          // the name says that the limit is one of a rate
	window   time.Duration // the period that the name gives; else 0
}

// quotaParts maps words of header names to the part of a quota that they stand for.
var quotaParts = map[string]string{
	"remaining": "remaining", "remain": "remaining", "reset": "reset", "resets": "reset",
}

// quotaWindows maps words of header names to periods. Longer ones say too little about the
// time of the reset.
var quotaWindows = map[string]time.Duration{
	"second": time.Second, "secondly": time.Second, "minute": time.Minute, "minutely": time.Minute,
}

// quotaFields holds the parsed names of headers, because they are needed for each response.
// Since a source chooses the names, their number is limited.
var (
	quotaFields     sync.Map // from string to *quotaField, which is nil if it is not about a limit
	quotaFieldCount atomic.Int64
)

const maxQuotaFields = 1024

// quotaFieldOf returns what the name of a header says about a limit. It returns nil if the
// header is not about a limit.
func quotaFieldOf(name string) *quotaField {
	if !strings.Contains(name, "imit") && !strings.Contains(name, "uota") {
		return nil
	}
	if f, ok := quotaFields.Load(name); ok {
		return f.(*quotaField)
	}
	var parsed *quotaField
	if f, ok := parseQuotaField(name); ok {
		parsed = &f
	}
	if quotaFieldCount.Add(1) <= maxQuotaFields {
		quotaFields.Store(name, parsed)
	}
	return parsed
}

// parseQuotaField parses the name of a header. It reports false if the header is not about
// a limit.
func parseQuotaField(name string) (f quotaField, ok bool) {
	name = strings.ReplaceAll(strings.ToLower(name), "rate-limit", "ratelimit")
	var rest []string
	words := strings.Split(name, "-")
	for i, w := range words {
		part, isPart := quotaParts[w]
		switch {
		case isPart && f.part == "":
			f.part = part
			continue
		case f.part == "reset" && (w == "after" || w == "in" || w == "seconds"):
			f.relative = true
			continue
		case f.part == "reset" && w == "ms":
			f.milli = true
			continue
		case w == "after" && i > 0 && words[i-1] == "retry": // Azure: …-retry-after
			f.part, f.relative = "reset", true
		case strings.HasSuffix(w, "ratelimit"):
			f.rate, ok = true, true
		case w == "limit", w == "quota":
			ok = true
		}
		f.window = cmp.Or(f.window, quotaWindows[w])
		rest = append(rest, w)
	}
	f.quota = strings.Join(rest, "-")
	if f.part == "" {
		f.short = name == "ratelimit" || name == "x-ratelimit"
		return f, f.rate
	}
	return f, ok
}

// A quotaPair collects the fields that describe the same quotas.
type quotaPair struct {
	field     *quotaField
	remaining []string
	resets    []string
	relative  bool // resets has the values of a field that is relative by its name
}

// add adds the values of a field. A time from now takes precedence over a time of day,
// because it depends on no clock.
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

// parseRateLimit parses the value of a header that has all parts of a quota: a list of
// policies, such as "hour";r=50;t=30, or a dictionary, such as remaining=50, reset=30. A
// name without a value, or a part that comes again, begins another quota. short allows the
// names r and t.
func parseRateLimit(value string, short bool, now time.Time) (quotas []quota) {
	var q quota
	var seen [2]bool
	end := func() {
		if seen != [2]bool{} {
			quotas = append(quotas, q)
		}
		q, seen = quota{}, [2]bool{}
	}
	for part := range unquotedParts(value) {
		if len(quotas) == maxQuotas {
			return quotas
		}
		name, v, assigned := strings.Cut(part, "=")
		name, v = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(v), `"`)
		if !assigned || strings.HasPrefix(name, `"`) {
			end()
			continue
		}
		switch which := 0; {
		case name == "remaining", short && name == "r":
			if seen[which] {
				end()
			}
			seen[which] = true
			q.remaining, q.known = number(v)
		case name == "reset", name == "resets", short && name == "t":
			which = 1
			if seen[which] {
				end()
			}
			seen[which] = true
			q.reset = resetIn(v, now)
		}
	}
	end()
	return quotas
}

// unquotedParts yields the parts of a value between commas and semicolons that are not in
// quotation marks.
func unquotedParts(value string) iter.Seq[string] {
	quoted := false
	return strings.FieldsFuncSeq(value, func(r rune) bool {
		quoted = quoted != (r == '"')
		return !quoted && (r == ',' || r == ';')
	})
}

// listOf returns the elements of a header whose value is a list (RFC 9110 §5.6.1), at most
// maxQuotas. The comma of an HTTP date, after the day of the week, divides no elements.
func listOf(lines []string) (elements []string) {
	day := ""
	for _, line := range lines {
		for e := range strings.SplitSeq(line, ",") {
			e = strings.TrimSpace(e)
			switch {
			case day != "":
				e, day = day+", "+e, ""
			case len(e) >= 3 && strings.HasSuffix(e, "day"), slices.Contains(days, e):
				day = e
				continue
			}
			if len(elements) == maxQuotas {
				return elements
			}
			elements = append(elements, e)
		}
		if day != "" {
			elements, day = append(elements, day), ""
		}
	}
	return elements
}

var days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// resetLayouts are forms of a date that sources use in addition to HTTP dates.
var resetLayouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 UTC"}

// resetIn returns how long it takes until a quota is renewed: the value is a number of
// seconds, a duration such as 6m0s, a date, or a Unix time in seconds, milliseconds,
// microseconds or nanoseconds. It returns 0 for any other value.
func resetIn(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	f, ok := number(v)
	if !ok {
		return durationOrDate(v, now)
	}
	if f > maxAskedWait.Seconds() { // since 1970
		for range 3 {
			if f > 1e11 {
				f /= 1000
			}
		}
		f -= float64(now.UnixMilli()) / 1000
	}
	switch {
	case f <= 0:
		return 0
	case f >= maxAskedWait.Seconds():
		return maxAskedWait
	}
	return roundUp(time.Duration(f * float64(time.Second)))
}

func durationOrDate(v string, now time.Time) time.Duration {
	if d, err := time.ParseDuration(v); err == nil {
		return roundUp(min(max(d, 0), maxAskedWait))
	}
	if t, err := http.ParseTime(v); err == nil {
		return until(t, now)
	}
	for _, layout := range resetLayouts {
		if t, err := time.Parse(layout, v); err == nil {
			return until(t, now)
		}
	}
	return 0
}

func until(t, now time.Time) time.Duration { return min(max(t.Sub(now), 0), maxAskedWait) }
