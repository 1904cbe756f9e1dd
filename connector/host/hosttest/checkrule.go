package hosttest

import (
	"context"
	"errors"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
)

var checkRule = rule{
	name:     "Check",
	contract: "a check of the connection is answered whether it succeeds or fails; the answer for a failure says what to fix and contains no secret",
	fix:      "call Run.Configure, then answer with the error of Run.Test, which includes the error of the configuration; take the text from Run.Explain",
	check: func(c *check) {
		failing := func(err error) func(context.Context, *source) error {
			return func(context.Context, *source) error { return err }
		}
		for _, test := range []struct {
			name          string
			configuration string
			test          func(context.Context, *source) error
			says          string // part of the message of a failure; empty for success
		}{
			{"success", configured, nil, ""},
			{"a wrong key", configured, failing(connector.Errorf(connector.Configuration, "the token is not valid")), "the token is not valid"},
			{"a source that is busy", configured, failing(connector.Errorf(connector.Transient, "the source is busy")), "the source is busy"},
			{"a defect", configured, failing(errors.New("the answer has no total")), "the answer has no total"},
			{"an interruption", configured, failing(connector.Errorf(connector.Interrupted, "the source hung up")), "the source hung up"},
			{"a missing field", `{"account":"a-1"}`, nil, "token: is required"},
			{"no configuration", "", nil, "account: is required"},
			{"a panic", configured, func(context.Context, *source) error { panic("index out of range") }, "panic in Test: index out of range"},
		} {
			c.in("%s", test.name)
			s := newSource(&script{test: test.test})
			a := c.succeed(call{source: s, request: Request{Action: Check, Configuration: []byte(test.configuration)}})
			answers := a.of(Checked)
			if len(answers) != 1 {
				c.broken("the host answered %d times, want once", len(answers))
				continue
			}
			switch e := answers[0]; {
			case e.OK != (test.says == ""):
				c.broken("the answer reports success=%v: %s", e.OK, e.Message)
			case !e.OK && !strings.Contains(e.Message, test.says):
				c.broken("the answer is %q, want text that contains %q", e.Message, test.says)
			}
			c.noSecrets(a, nil, "key-0123456789")
		}
	},
}
