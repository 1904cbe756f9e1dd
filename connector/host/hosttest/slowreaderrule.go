package hosttest

import "sync/atomic"

var slowReaderRule = rule{
	name:     "SlowReader",
	contract: "a platform that stops reading stops the connector before 8 MiB are in flight, and nothing is lost when it continues to read",
	fix:      "let Destination.Write block until the platform has room for the operation; do not queue operations without a limit",
	check: func(c *check) {
		var delivered atomic.Int64
		reader := newStopped()
		defer reader.release()
		s := bulkSource(&delivered)
		a, wait := c.begin(call{source: s, request: Request{Configuration: []byte(configured)}, take: reader.take, release: reader.release})
		if !c.reach(reader, a) {
			reader.release()
			wait()
			c.fatal("no event reached the platform")
		}
		blocked(&delivered)
		if size := delivered.Load() * rowSize; size > inFlight {
			c.broken("the connector delivered %d MiB while the platform was not reading", size>>20)
		}
		reader.release()
		wait()
		if a.err != nil {
			c.broken("the host failed: %v", a.err)
		}
		ids := a.ids("shop.orders")
		for i, id := range ids {
			if id != int64(i+1) {
				c.broken("row %d arrived instead of row %d", id, i+1)
				break
			}
		}
		if len(ids) != manyRows {
			c.broken("%d of %d rows arrived", len(ids), manyRows)
		}
		if at := c.positions(s, a.state())["orders"]; at != manyRows {
			c.broken("a sync from the last state starts at row %d, want %d", at, manyRows)
		}
	},
}
