package hosttest

import "sync/atomic"

var slowReaderRule = rule{
	name:     "SlowReader",
	contract: "a reader that takes nothing stops the connector before 8 MiB are in flight, and nothing is lost when it goes on",
	check: func(c *check) {
		var handed atomic.Int64
		reader := newStopped()
		defer reader.release()
		s := bulkSource(&handed)
		a, wait := c.begin(call{source: s, request: Request{Configuration: []byte(configured)}, take: reader.take, release: reader.release})
		if !c.reach(reader, a) {
			reader.release()
			wait()
			c.fatal("no event arrived")
		}
		blocked(&handed)
		if size := handed.Load() * rowSize; size > inFlight {
			c.broken("the connector has handed over %d MiB while the reader took nothing", size>>20)
		}
		reader.release()
		wait()
		if a.err != nil {
			c.broken("the host failed: %v", a.err)
		}
		ids := a.ids("shop.orders")
		for i, id := range ids {
			if id != int64(i+1) {
				c.broken("row %d arrived in place of row %d", id, i+1)
				break
			}
		}
		if len(ids) != manyRows {
			c.broken("%d rows arrived of %d", len(ids), manyRows)
		}
		if at := c.positions(s, a.state())["orders"]; at != manyRows {
			c.broken("a sync that begins with the last state begins at row %d, want %d", at, manyRows)
		}
	},
}
