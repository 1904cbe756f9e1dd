package hosttest

import (
	"fmt"
	"slices"
)

// wantEnds reports tables that did not end, or not once, or with a failure.
func (c *check) wantEnds(a *answer, tables ...string) {
	for _, table := range tables {
		ends := slices.DeleteFunc(a.of(TableEnd), func(e *Event) bool { return e.Table != table })
		if len(ends) != 1 || ends[0].Message != "" {
			c.broken("table %s has %d ends, want one without a failure", table, len(ends))
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
