package transport

import (
	"cmp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A quotaField is the name of a header about a limit.
type quotaField struct {
	quota    string        // the name without part and unit, which identifies the quota
	part     string        // "remaining" or "reset"; "" if the value has both
	relative bool          // the name says that the reset is a duration
	milli    bool          // the name says that the reset is in milliseconds
	short    bool          // the value may use the names r and t
	rate     bool          // the name says that the limit is one of a rate
	window   time.Duration // the period that the name gives; else 0
}

// quotaParts maps words of header names to the part of a quota that they stand for.
var quotaParts = map[string]string{
	"remaining": "remaining", "remain": "remaining", "left": "remaining", "reset": "reset", "resets": "reset",
}

// resetUnits are the words that follow "reset" in a name, and whether the time is in
// milliseconds.
var resetUnits = map[string]bool{
	"ms": true, "msec": true, "millis": true, "milliseconds": true, "at": false, "time": false, "date": false,
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

const (
	maxQuotaFields = 1024
	// maxQuotaName is more than the length of the name of a header about a limit.
	maxQuotaName = 128
)

// quotaFieldOf returns what the name of a header says about a limit. It returns nil if the
// header is not about a limit.
func quotaFieldOf(name string) *quotaField {
	if len(name) > maxQuotaName || !strings.Contains(name, "imit") && !strings.Contains(name, "uota") {
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
		if !isPart {
			w, part = splitPart(w)
		}
		milli, isUnit := resetUnits[w]
		switch {
		case part != "" && f.part == "":
			if f.part = part; isPart {
				continue
			}
		case f.part == "reset" && (w == "after" || w == "in" || w == "seconds"):
			f.relative = true
			continue
		case f.part == "reset" && isUnit:
			f.milli = f.milli || milli
			continue
		case w == "after" && i > 0 && words[i-1] == "retry": // Azure: …-retry-after
			f.part, f.relative = "reset", true
		case strings.Contains(w, "ratelimit"):
			f.rate, ok = true, true
		case w == "limit", w == "quota":
			ok = true
		}
		f.window = cmp.Or(f.window, quotaWindows[w])
		if w != "" {
			rest = append(rest, w)
		}
	}
	f.quota = strings.Join(rest, "-")
	if f.part == "" {
		f.short = name == "ratelimit" || strings.HasSuffix(name, "-ratelimit")
		return f, f.rate
	}
	return f, ok
}

// splitPart divides a word that consists of a name and a part, such as "userreset"
// (Imgur) or "resettime" (GitLab). The part is empty if there is none.
func splitPart(w string) (name, part string) {
	for _, p := range []string{"remaining", "reset"} {
		if name, ok := strings.CutSuffix(w, p); ok {
			return name, p
		}
	}
	if w == "resettime" {
		return "", "reset"
	}
	return w, ""
}
