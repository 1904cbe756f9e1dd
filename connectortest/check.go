package connectortest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A check is a rule while it is looked at.
type check struct {
	tb
	rule rule
	rand *rand.Rand
	told bool // what the rule says
}

// broken reports that the rule is broken.
func (c *check) broken(format string, args ...any) {
	c.Errorf("%s", c.verdict(format, args...))
}

// hopeless is broken, and ends the subtest.
func (c *check) hopeless(format string, args ...any) {
	c.Fatalf("%s", c.verdict(format, args...))
}

func (c *check) verdict(format string, args ...any) string {
	what := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.told {
		return what
	}
	c.told = true
	return fmt.Sprintf("%s\ncontract: %s\nto mend it: %s", what, c.rule.contract, c.rule.mend)
}
