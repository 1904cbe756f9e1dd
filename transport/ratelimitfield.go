package transport

import (
	"iter"
	"strings"
	"time"
)

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
		remaining := name == "remaining" || short && name == "r"
		reset := name == "reset" || name == "resets" || short && name == "t"
		if remaining && seen[0] || reset && seen[1] {
			end()
		}
		switch {
		case remaining:
			seen[0] = true
			q.remaining, q.known = number(v)
		case reset:
			seen[1] = true
			q.reset = resetIn(v, now)
		}
	}
	end()
	return quotas
}

// unquotedParts yields the parts of a value between commas and semicolons that are not in
// quotation marks.
func unquotedParts(value string) iter.Seq[string] {
	quoted, escaped := false, false
	return strings.FieldsFuncSeq(value, func(r rune) bool {
		quoted = quoted != (r == '"' && !escaped)
		escaped = quoted && r == '\\' && !escaped
		return !quoted && (r == ',' || r == ';')
	})
}
