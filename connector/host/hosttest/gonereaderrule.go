package hosttest

import (
	"errors"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
)

var goneReaderRule = rule{
	name:     "GoneReader",
	contract: "when the platform disconnects, the sync ends at once, as interrupted",
	fix:      "return the failed write's error from Destination.Write, with the kind connector.Interrupted, and write nothing more",
	check: func(c *check) {
		gone := make(chan struct{})
		var delivered atomic.Int64
		s := bulkSource(&delivered)
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
				return errors.New("the platform has disconnected")
			},
		})
		if a.err == nil || connector.KindOf(a.err) != connector.Interrupted {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
		if size := delivered.Load() * rowSize; size > inFlight {
			c.broken("the connector delivered %d MiB after the platform had disconnected", size>>20)
		}
		if events > 3 {
			c.broken("the host wrote %d more events after the platform had disconnected", events-3)
		}
		if n := s.script.closed.Load(); n != 1 {
			c.broken("the connector was closed %d times, want once", n)
		}
	},
}
