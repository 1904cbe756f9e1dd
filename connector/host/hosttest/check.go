package hosttest

import (
	"fmt"
	"strings"
)

// A check is a running rule.
type check struct {
	tb
	*suite
	rule   rule
	what   string // the current case, for messages
	failed int
}

// enough is the maximum number of failures that a rule reports.
const enough = 10

// in sets the case that later failures name.
func (c *check) in(format string, args ...any) { c.what = fmt.Sprintf(format, args...) + ": " }

// broken reports that the rule is broken. It ends the subtest after enough
// failures.
func (c *check) broken(format string, args ...any) {
	message := c.message(format, args...)
	if c.failed == enough {
		c.Fatalf("%s\nfurther failures are not shown", message)
	}
	c.Errorf("%s", message)
}

// fatal reports that the rule is broken, and ends the subtest.
func (c *check) fatal(format string, args ...any) { c.Fatalf("%s", c.message(format, args...)) }

// message returns the message of a failure. The first failure of a rule also
// states the rule and how to keep it.
func (c *check) message(format string, args ...any) string {
	text := c.what + strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.failed++; c.failed > 1 {
		return text
	}
	return text + "\ncontract: " + c.rule.contract + "\nto fix it: " + c.rule.fix
}
