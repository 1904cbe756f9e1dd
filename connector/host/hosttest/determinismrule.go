package hosttest

import (
	"context"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/state"
)

var determinismRule = rule{
	name:     "Determinism",
	contract: "the same request, connector and data produce the same bytes",
	fix:      "write the members of objects in a fixed order; if the wire requires the time or a random value, remove it in Adapter.Comparable",
	check: func(c *check) {
		s := syncing(typed, func(_ context.Context, st state.State, out connector.Emitter) error {
			for i := range 20 {
				row := map[string]any{"key": i, "zulu": i, "alpha": map[string]any{"b": 1, "a": 2, "c": []int{i}}, "mike": "x"}
				for _, part := range []string{"values", "pairs", "events"} {
					if err := st.Table(part).Set("seen", map[string]int{"b": i, "a": i}); err != nil {
						return err
					}
				}
				if err := out.Upsert("values", row); err != nil {
					return err
				}
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		})
		for _, request := range []Request{
			{Configuration: []byte(configured)},
			{Action: Schema, Configuration: []byte(configured)},
		} {
			var first []string
			for i := range 5 {
				a := c.succeed(call{source: s, request: request, opts: []host.Option{host.CheckpointEvery(time.Hour, 3)}})
				now := c.comparable(a)
				if i == 0 {
					first = now
				}
				if len(now) != len(first) {
					c.fatal("the first run wrote %d events, and a later one %d", len(first), len(now))
				}
				for i := range now {
					if now[i] != first[i] {
						c.fatal("event %d differs between two runs:\nfirst: %s\nlater: %s", i+1, shorten.Text(first[i], shown), shorten.Text(now[i], shown))
					}
				}
			}
		}
	},
}

// comparable returns the bytes of each event that must not differ between runs.
func (c *check) comparable(a *answer) []string {
	var all []string
	for _, e := range a.all() {
		raw := e.Raw
		if c.adapter.Comparable != nil {
			raw = c.adapter.Comparable(raw)
		}
		all = append(all, string(raw))
	}
	return all
}
