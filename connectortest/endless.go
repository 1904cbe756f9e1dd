package connectortest

import (
	"cmp"
	"context"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// Endless tests a connector whose Sync never returns by itself, such as that of a
// queue or a log. A platform ends its syncs after a while, for example with
// [host.TimeBudget]. Endless ends each sync of the test in the same way, successfully,
// once the sync is caught up.
//
//	connectortest.Run(t, c, connectortest.Source(newLog), connectortest.Endless(time.Minute))
//
// A sync is caught up if it has made no progress for the duration quiet. A row, a
// delete, a truncate, a declared table and a state that differs from the one before
// are progress. A checkpoint with the same state is not. Choose several times the
// interval at which the connector asks its source for news. If quiet is 0, it is a
// minute of virtual time in Run with the option [Source], and 300 ms otherwise.
//
// Before a sync has delivered anything, it may be quiet for ten times as long. The
// same holds in Run and RunBinary for the first sync, and for every other one until it
// has reached the state with which the first one ended. A connector that waits before
// it tries to reach its source again is therefore not mistaken for one that is caught
// up. In real time, the test takes a few hundred times quiet; [Restarts] makes it
// shorter.
//
// RunBinary sends SIGTERM to a process that is caught up, and expects the ending that
// Terminate demands. On Windows, it kills the process. A program that calls
// penstock.Main may write a state up to a second late, so let quiet be 200 ms or more.
//
// Without Endless, a sync of Run or RunBinary that makes no progress for 30 seconds
// fails with an error that names this option. So does one that takes more than two
// minutes. In virtual time, the limits are three hours, or 10,000 requests to the
// handler of Source, and six hours. Once RunBinary has killed a process that did not
// end, it skips the remaining subtests.
//
// Endless applies to Sync, Run and RunBinary. It is an error if quiet is negative.
func Endless(quiet time.Duration) Option {
	return Option{"Endless", inSync | inSuites, func(o *options) { o.endless, o.quiet = true, quiet }}
}

const (
	// defaultQuiet is the default of Endless in real time, and virtualQuiet that in
	// virtual time.
	defaultQuiet = 300 * time.Millisecond
	virtualQuiet = time.Minute
	// behindFactor is how much longer a sync may be quiet that is not known to be
	// caught up.
	behindFactor = 10

	// silenceLimit is how long a sync may make no progress without Endless.
	silenceLimit = 30 * time.Second
	// virtualSilenceLimit is the same in virtual time, where a source that allows
	// few requests per hour is no problem.
	virtualSilenceLimit = 3 * time.Hour
	// silentRequests is the number of requests to a source in memory that may lead
	// to no progress. A connector that asks all the time would otherwise send
	// millions of them within virtualSilenceLimit.
	silentRequests = 10_000

	// endlessHint completes an error about a sync that does not end.
	endlessHint = "if Sync never returns by itself, as that of a queue or a log, pass the option Endless"
)

// newQuietWatch returns a watch of a sync. Without Endless, it cancels a sync that
// makes no progress. With Endless, it closes the channel once the sync is caught up.
func (s *suite) newQuietWatch(cancel context.CancelCauseFunc) (w *quietWatch, caughtUp chan struct{}) {
	w, caughtUp = &quietWatch{volatile: s.volatileState, tick: time.Second}, make(chan struct{})
	silence, quiet := s.silenceLimit, cmp.Or(s.quiet, defaultQuiet)
	if s.isVirtual() {
		silence, quiet = virtualSilenceLimit, cmp.Or(s.quiet, virtualQuiet)
		w.tick, w.ticked = 10*time.Second, s.countSilentRequests()
	}
	if !s.endless {
		w.end = func() { cancel(errTimeout) }
		w.limit = func(*syncProgress) time.Duration { return silence }
		return w, caughtUp
	}
	w.end = func() { close(caughtUp) }
	w.tick = min(w.tick, quiet)
	w.limit = quietLimit(quiet, s.findings.baseline, s.volatileState)
	return w, caughtUp
}

// quietLimit returns a function for quietWatch.limit. The baseline is nil if the sync
// is the baseline.
func quietLimit(quiet time.Duration, baseline *delivery, volatile map[string]map[string]bool) func(*syncProgress) time.Duration {
	return func(p *syncProgress) time.Duration {
		if baseline != nil && p.delivered && p.reached(baseline.state, baseline.began, volatile) {
			return quiet
		}
		return behindFactor * quiet
	}
}

// countSilentRequests returns a function for quietWatch.ticked. It reports whether the
// source in memory has received too many requests that led to no progress. It also
// counts a step, because the clock has advanced.
func (s *suite) countSilentRequests() func(progressed bool) bool {
	before := s.findings.sourceRequests.Load()
	return func(progressed bool) bool {
		s.steps.Add(1)
		now := s.findings.sourceRequests.Load()
		if progressed {
			before = now
		}
		return !s.endless && now-before > silentRequests
	}
}

// concludeQuiet completes the delivery of a sync that the watch has ended.
func (s *suite) concludeQuiet(d *delivery, w *quietWatch) {
	end := w.ended()
	switch {
	case end.at.IsZero():
	case !s.endless:
		d.timedOut, d.quiet = d.err != nil, end.quiet
	case d.ended.Sub(end.at) >= s.stopTimeout:
		d.err = connector.Errorf(connector.Defect, "it was caught up and told to end, but had not returned after %v; pass the context of Sync to everything that waits", s.stopTimeout)
	default:
		d.toldToEnd = true
		d.neverSaved = end.progress.delivered && end.progress.checkpoints == 0
	}
}

// endWhenQuiet ends the sync of the call once it is quiet. It returns a function that
// calls write and counts as progress what write receives, and a function that stops
// the watch.
func (call *call) endWhenQuiet(write host.DestinationFunc) (watched host.DestinationFunc, stop func()) {
	caughtUp := make(chan struct{})
	call.request.End = caughtUp
	quiet := cmp.Or(call.quiet, defaultQuiet)
	w := &quietWatch{tick: quiet, end: func() { close(caughtUp) }, limit: func(p *syncProgress) time.Duration {
		if p.delivered {
			return quiet
		}
		return behindFactor * quiet
	}}
	w.start()
	return func(op *host.Operation) error {
		return w.write(op, func() error { return write(op) })
	}, w.stop
}
