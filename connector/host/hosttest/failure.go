package hosttest

import (
	"strings"

	"github.com/penstock-sdk/penstock/connector"
)

// wantFailure checks that one failure of the given kind was reported to the platform,
// with a message that contains says, and that the host returned it.
func (c *check) wantFailure(a *answer, kind connector.Kind, says string) {
	switch {
	case a.err == nil:
		c.broken("the host returned no error")
	case connector.KindOf(a.err) != kind:
		c.broken("the host returned an error of kind %v, want %v: %v", connector.KindOf(a.err), kind, a.err)
	}
	failures := a.of(Failure)
	if len(failures) != 1 {
		c.broken("the host reported %d failures, want 1", len(failures))
		return
	}
	if !strings.Contains(failures[0].Message, says) {
		c.broken("the reported failure is %q, want text that contains %q", failures[0].Message, says)
	}
	if term := c.adapter.Terms[kind]; failures[0].Term != term {
		c.broken("the reported failure has the term %q, want %q for kind %v", failures[0].Term, term, kind)
	}
	if e := a.last(); e.Kind != Failure {
		c.broken("an event follows the failure: %v", e)
	}
}
