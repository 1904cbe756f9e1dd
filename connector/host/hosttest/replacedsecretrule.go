package hosttest

import (
	"context"
	"errors"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var replacedSecretRule = rule{
	name:     "ReplacedSecret",
	contract: "a value of the configuration that the source replaces reaches the platform once and nowhere else; if the platform cannot store it, the connector receives ErrNotReplaced",
	fix:      "pass host.ReplacedSecretsTo to host.New and write each OpReplacedSecret once, or omit the option if the platform cannot store new values",
	check: func(c *check) {
		for _, request := range []struct {
			name   string
			action Action
		}{{"a sync", Sync}, {"a check", Check}, {"a schema", Schema}} {
			c.in("%s", request.name)
			c.replace(request.action)
		}
	},
}

// replace replaces a value of the configuration during an action.
func (c *check) replace(action Action) {
	var answered error
	replace := func(ctx context.Context) { answered = connector.ReplaceSecret(ctx, "refresh_token", rotated) }
	fail := func(ctx context.Context) error {
		replace(ctx)
		connector.Logger(ctx).Info("replaced", "by", rotated)
		return errors.New("refused " + rotated)
	}
	s := newSource(&script{
		test: func(ctx context.Context, _ *source) error { return fail(ctx) },
		schema: func(ctx context.Context, _ *source) (schema.Schema, error) {
			if action == Schema {
				return nil, fail(ctx)
			}
			return shop()
		},
		sync: func(ctx context.Context, _ *source, _ state.State, out connector.Emitter) error {
			if err := out.Upsert("orders", note{1, "n"}); err != nil {
				return err
			}
			failure := fail(ctx)
			return errors.Join(out.Upsert("orders", note{2, rotated}), out.Warn(rotated), failure)
		},
	})
	var log transcript
	a := c.serve(call{source: s, request: Request{Action: action, Configuration: withSecret()}, opts: []host.Option{log.option()}})
	if !c.adapter.ReplacedSecrets {
		c.notReplaced(a, answered)
	} else {
		c.replacedOnce(a, answered, action)
	}
	// The message may hold the whole configuration, for a platform that replaces it.
	c.noSecretsBut(a, log.bytes(), replacement(a), planted, rotated)
}

// replacement returns the event with the new value, or nil.
func replacement(a *answer) *Event {
	if events := a.of(ReplacedSecret); len(events) > 0 {
		return events[0]
	}
	return nil
}

// notReplaced checks that ReplaceSecret returned ErrNotReplaced and that no new value
// reached the platform.
func (c *check) notReplaced(a *answer, answered error) {
	if !errors.Is(answered, connector.ErrNotReplaced) {
		c.broken("ReplaceSecret returned %v, want ErrNotReplaced", answered)
	}
	if replacement(a) != nil {
		c.broken("a new value reached a platform that cannot store it")
	}
}

// replacedOnce checks that ReplaceSecret succeeded and that the new value reached the
// platform once, between the two rows of a sync.
func (c *check) replacedOnce(a *answer, answered error, action Action) {
	if answered != nil {
		c.broken("ReplaceSecret returned %v, want nil", answered)
	}
	events := a.of(ReplacedSecret)
	if len(events) != 1 || events[0].Field != "refresh_token" || events[0].Value.Reveal() != rotated {
		c.broken("%d new values reached the platform, want one, of refresh_token", len(events))
		return
	}
	if action == Sync {
		order := a.of(Row, ReplacedSecret)
		at := slices.Index(order, events[0])
		if at != 1 || len(order) != 3 {
			c.broken("the new value arrived after %d of 2 rows, want after the first row", at)
		}
	}
}
