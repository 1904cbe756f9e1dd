package hosttest

import (
	"strings"

	"github.com/penstock-sdk/penstock/connector"
)

// wantFailure reports a failure that did not arrive once, or without these words,
// or that is another one for the host's caller.
func (c *check) wantFailure(a *answer, kind connector.Kind, says string) {
	switch {
	case a.err == nil:
		c.broken("the host returned no error")
	case connector.KindOf(a.err) != kind:
		c.broken("the host returned an error of kind %v, want %v: %v", connector.KindOf(a.err), kind, a.err)
	}
	failures := a.of(Failure)
	if len(failures) != 1 {
		c.broken("%d failures were reported, want 1", len(failures))
		return
	}
	if !strings.Contains(failures[0].Message, says) {
		c.broken("the failure that is reported is %q, want one with %q", failures[0].Message, says)
	}
	if term := c.adapter.Terms[kind]; failures[0].Term != term {
		c.broken("the platform's term for the failure is %q, want %q for kind %v", failures[0].Term, term, kind)
	}
	if e := a.last(); e.Kind != Failure {
		c.broken("something follows the failure: %v", e)
	}
}
