package hosttest

import (
	"errors"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
)

var goneReaderRule = rule{
	name:     "GoneReader",
	contract: "when the platform goes away, the sync ends at once, as interrupted",
	check: func(c *check) {
		gone := make(chan struct{})
		var handed atomic.Int64
		s := bulkSource(&handed)
		events := 0
		a := c.serve(call{
			source: s, request: Request{Configuration: []byte(configured)}, limit: c.promptly, started: gone,
			take: func(*Event) error {
				if events++; events < 3 {
					return nil
				}
				if events == 3 {
					close(gone)
				}
				return errors.New("the platform goes away")
			},
		})
		if a.err == nil || connector.KindOf(a.err) != connector.Interrupted {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
		if size := handed.Load() * rowSize; size > inFlight {
			c.broken("the connector has handed over %d MiB when nobody read", size>>20)
		}
		if events > 3 {
			c.broken("%d more events were written when the platform had gone", events-3)
		}
		if n := s.script.closed.Load(); n != 1 {
			c.broken("the connector was closed %d times", n)
		}
	},
}
