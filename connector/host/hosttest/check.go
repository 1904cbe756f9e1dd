package hosttest

import (
	"fmt"
	"strings"
)

// A check is a rule while it is checked.
type check struct {
	tb
	*suite
	rule   rule
	what   string // the case at hand, for messages
	failed int
}

// enough is how many failures of a rule are reported.
const enough = 10

// in sets the case that failures are about from here on.
func (c *check) in(format string, args ...any) { c.what = fmt.Sprintf(format, args...) + ": " }

// broken reports that the rule is broken. It ends the subtest when enough is
// known.
func (c *check) broken(format string, args ...any) {
	verdict := c.verdict(format, args...)
	if c.failed == enough {
		c.Fatalf("%s\nthere may be more", verdict)
	}
	c.Errorf("%s", verdict)
}

// fatal is broken, and ends the subtest.
func (c *check) fatal(format string, args ...any) { c.Fatalf("%s", c.verdict(format, args...)) }

// verdict makes the message of a failure. The first one of a rule says what the
// rule is.
func (c *check) verdict(format string, args ...any) string {
	what := c.what + strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.failed++; c.failed > 1 {
		return what
	}
	return what + "\ncontract: " + c.rule.contract
}
