package hosttest

import (
	"fmt"
	"slices"
)

// wantEnds checks that each table ended once and without a failure.
func (c *check) wantEnds(a *answer, tables ...string) {
	for _, table := range tables {
		ends := slices.DeleteFunc(a.of(TableEnd), func(e *Event) bool { return e.Table != table })
		if len(ends) != 1 || ends[0].Message != "" {
			c.broken("table %s ended %d times, want once without a failure", table, len(ends))
		}
	}
}

// count returns a number with a noun, for messages.
func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
