package connectortest

import (
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"strings"
)

// A check is one execution of a rule.
type check struct {
	tb
	rule      rule
	rand      *rand.Rand // nil if the rule is not random
	explained bool       // a failure has quoted the contract
}

// newCheck begins a check.
func newCheck(t tb, r rule, seed uint64) *check {
	c := &check{tb: t, rule: r}
	if r.random {
		name := fnv.New64a()
		_, _ = io.WriteString(name, r.name) // never fails
		c.rand = rand.New(rand.NewPCG(seed, name.Sum64()))
		t.Logf("connectortest.Seed(%d) repeats the random choices", seed)
	}
	return c
}

// failf reports that the rule is broken.
func (c *check) failf(format string, args ...any) {
	c.Helper()
	c.Errorf("%s", c.explain(c.rule.fix, format, args...))
}

// failWithf is like failf, with a fix for this particular failure.
func (c *check) failWithf(fix, format string, args ...any) {
	c.Helper()
	c.Errorf("%s", c.explain(fix, format, args...))
}

// fatalf is like failf, and also ends the subtest.
func (c *check) fatalf(format string, args ...any) {
	c.Helper()
	c.Fatalf("%s", c.explain(c.rule.fix, format, args...))
}

// fatalWithf is like failWithf, and also ends the subtest.
func (c *check) fatalWithf(fix, format string, args ...any) {
	c.Helper()
	c.Fatalf("%s", c.explain(fix, format, args...))
}

// explain adds the contract and the fix to the first failure of the subtest.
func (c *check) explain(fix, format string, args ...any) string {
	failure := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.explained {
		return failure
	}
	c.explained = true
	if c.rule.onlyFix {
		fix = c.rule.fix
	}
	return fmt.Sprintf("%s\ncontract: %s\nto fix it: %s", failure, c.rule.contract, fix)
}
