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
		for _, action := range []Action{Sync, Check, Schema} {
			c.in("action %d", action)
			c.replace(action)
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
	given := a.of(ReplacedSecret)
	if !c.adapter.ReplacedSecrets {
		if !errors.Is(answered, connector.ErrNotReplaced) {
			c.broken("ReplaceSecret returned %v, want ErrNotReplaced", answered)
		}
		if len(given) > 0 {
			c.broken("a new value reached a platform that cannot store it")
		}
		c.noSecrets(a, log.bytes(), rotated, planted)
		return
	}
	if answered != nil {
		c.broken("ReplaceSecret returned %v, want nil", answered)
	}
	if len(given) != 1 || given[0].Field != "refresh_token" || given[0].Value.Reveal() != rotated {
		c.broken("%d new values reached the platform, want one, of refresh_token", len(given))
		return
	}
	c.noSecretsBut(a, log.bytes(), given[0], rotated)
	c.noSecrets(a, log.bytes(), planted)
	if action == Sync {
		order := a.of(Row, ReplacedSecret)
		at := slices.Index(order, given[0])
		if at != 1 || len(order) != 3 {
			c.broken("the new value arrived after %d of 2 rows, want after the first row", at)
		}
	}
}
