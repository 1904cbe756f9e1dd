package hosttest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

var stuckReaderRule = rule{
	name:     "StuckReader",
	contract: "a platform that is not reading does not keep a canceled run from ending within its grace period",
	fix:      "when the context is done, wait for the platform no longer than Run.Grace, and return an error of kind connector.Interrupted from Destination.Write; host.LineWriter does this",
	check: func(c *check) {
		ctx, cancel := context.WithCancel(c.Context())
		defer cancel()
		var delivered atomic.Int64
		reader := newStopped()
		defer reader.release()
		s := bulkSource(&delivered)
		canceled := make(chan struct{})
		a, wait := c.begin(call{
			ctx: ctx, source: s, request: Request{Configuration: []byte(configured), Stuck: true}, take: reader.take,
			opts:  []host.Option{host.Grace(20 * time.Millisecond)},
			limit: c.promptly, started: canceled, release: reader.release, lasting: true,
		})
		if !c.reach(reader, a) {
			reader.release()
			cancel()
			close(canceled)
			wait()
			c.fatal("no event reached the platform")
		}
		blocked(&delivered)
		cancel()
		close(canceled)
		wait()
		if a.err == nil || connector.KindOf(a.err) != connector.Interrupted {
			c.broken("the host returned %v, want an error of kind interrupted", a.err)
		}
		reader.release()
		if stacks := leftBehind(a.mark, c.promptly); stacks != "" {
			c.broken("the host left goroutines behind after the reader was released:\n%s", stacks)
		}
		if s.script.closedEarly.Load() {
			c.broken("the connector was closed while its Sync was running")
		}
	},
}
