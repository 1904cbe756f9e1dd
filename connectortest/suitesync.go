package connectortest

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/tableuse"
	"github.com/penstock-sdk/penstock/transport"
)

// sync runs a sync of a new copy of the connector, or of a new process.
func (s *suite) sync(ctx context.Context, a attempt) *delivery {
	if s.program != nil {
		return s.program.sync(ctx, a)
	}
	s.steps.Add(1)
	if s.isVirtual() { // otherwise all syncs would run at the same instant
		time.Sleep(1234567 * time.Microsecond)
	}
	a = s.withDefaults(a)
	d := &delivery{platform: a.platform, began: time.Now(), realTime: s.realTime, endless: s.endless}
	selection, err := stdin.ParseSelection(a.selection)
	if err != nil {
		d.err, d.ended = err, d.began
		return d
	}
	ctx, stop := context.WithTimeoutCause(ctx, a.timeout, errTimeout)
	defer stop()
	deadline := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	canceledAt := a.provideCancel(cancel)
	if a.network != nil {
		ctx = transport.NewContext(ctx, a.network)
	}
	watch, caughtUp := s.newQuietWatch(cancel)
	watch.start()
	defer watch.stop()
	log := &logTail{}
	ctx = tableuse.With(ctx, func(use tableuse.Sync) { d.use = use })
	labelled(ctx, func(ctx context.Context, label string) {
		d.err = s.secrets.withRun(ctx, a.connector, func(run storedRun) error {
			return run.Sync(host.SyncRequest{State: a.from, Selection: selection, WholeRows: a.wholeRows, End: caughtUp}, s.receive(d, watch, a.before))
		}, s.hostOptions(log)...)
		d.ended = time.Now()
		d.timedOut = d.err != nil && deadline.Err() != nil
		watch.stop()
		s.concludeQuiet(d, watch)
		if at := canceledAt.Load(); at != nil {
			d.stoppedLate = d.ended.Sub(*at) >= s.stopTimeout
		}
		if a.findLeaks {
			d.leaked = leakedGoroutines(label)
		}
	})
	d.log = log.text()
	return d
}

// receive returns the destination of a sync. before is that of the attempt.
func (s *suite) receive(d *delivery, watch *quietWatch, before func(n int, op *host.Operation) error) host.Destination {
	n := 0
	return host.DestinationFunc(func(op *host.Operation) error {
		s.steps.Add(1)
		switch op.Kind {
		case host.OpTableEnd:
			d.end(op)
			return nil
		case host.OpTableBegin:
			delete(d.ends, op.Table.String())
			return nil // a program does not write begins and ends, either
		}
		return watch.write(op, func() error {
			err := d.write(op, n, before)
			n++
			return err
		})
	})
}

// hostOptions returns the options of the run of a sync.
func (s *suite) hostOptions(log io.Writer) []host.Option {
	return []host.Option{
		host.CheckpointEvery(0, 0),
		host.ProgressEvery(0),
		host.Grace(s.stopTimeout),
		host.LogTo(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

// withDefaults returns a with the suite's values for what it does not set.
func (s *suite) withDefaults(a attempt) attempt {
	if a.platform == nil {
		a.platform = &Platform{}
	}
	if a.connector == nil {
		a.connector = s.connector
	}
	if a.network == nil {
		a.network = s.network
	}
	if a.timeout == 0 {
		a.timeout = s.syncTimeout
	}
	return a
}

// baseline returns an uninterrupted sync from an empty state. All other syncs are
// compared with it. If it fails, the first subtest that needs it fails, and the
// others are skipped.
func (s *suite) baseline(c *check) *delivery {
	switch {
	case s.baselineSucceeds(c):
	case !s.findings.baselineReported:
		s.findings.baselineReported = true
		c.fatalWithf("read the error and the log; if the error comes from the source, check that the source is reachable and that the connector's fields are right",
			"a sync from an empty state failed: %s%s", s.findings.baseline.failure(), s.noRequestHint())
	default:
		c.Skipf("skipped: a sync from an empty state fails, as an earlier subtest reports, so there is nothing to compare with")
	}
	return s.findings.baseline
}

// baselineSucceeds reports whether an uninterrupted sync succeeds.
func (s *suite) baselineSucceeds(c *check) bool {
	s.findings.baselineOnce.Do(func() {
		s.findings.baseline = s.sync(context.WithoutCancel(c.Context()), attempt{})
	})
	return s.findings.baseline.err == nil
}

// requests returns the number of requests that a sync sends through package
// transport, or the reason why the suite cannot intercept them.
func (s *suite) requests(c *check) (count int, reason string) {
	baseline := s.baseline(c)
	s.findings.requestsOnce.Do(func() {
		counter := &requestCounter{network: s.baseNetwork()}
		// If the network leads nowhere, don't wait as long as for a sync that hangs.
		timeout := max(10*baseline.ended.Sub(baseline.began), 20*time.Second)
		var last int64 // when the last row arrived
		d := s.sync(context.WithoutCancel(c.Context()), attempt{network: counter, timeout: timeout, before: func(_ int, op *host.Operation) error {
			if op.Kind != host.OpCheckpoint {
				last = counter.count.Load()
			}
			return nil
		}})
		s.findings.requests = int(counter.count.Load())
		s.findings.endpoints = counter.endpoints.counted()
		if s.endless { // most of the others only ask for news
			s.findings.requests = min(s.findings.requests, int(last)+1)
		}
		switch {
		case s.findings.requests == 0:
			s.findings.notIntercepted = "the connector sent no request through package transport; other clients need the network transport.RoundTripper"
		case d.err != nil && s.network != nil:
			s.findings.notIntercepted = "a second sync failed, although the first one succeeded: " + d.err.Error()
		case d.err != nil:
			s.findings.notIntercepted = "the connector has its own network, and the source cannot be reached without it; pass it to the option Network: " + d.err.Error()
		case s.compareResumed().diff(d.platform, baseline.platform) != "" && s.network != nil:
			s.findings.notIntercepted = "a second sync delivers different rows from the first one"
		case s.compareResumed().diff(d.platform, baseline.platform) != "":
			s.findings.notIntercepted = "the connector has its own network, and receives different rows without it; pass it to the option Network"
		}
	})
	return s.findings.requests, s.findings.notIntercepted
}
