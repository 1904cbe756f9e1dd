package hosttest

import "time"

// A suite is one call of Run.
type suite struct {
	adapter Adapter
	// promptly is how soon a run has to end when it is told to, beyond the
	// grace. It is generous: a busy machine is not a fault of the host.
	promptly time.Duration
	// tooLong is how long a run may take at all.
	tooLong time.Duration
	// grace is that of a run whose connector does not end. The reader has as much
	// time for the last events, so it is generous as well.
	grace time.Duration
}

func newSuite(a Adapter) *suite {
	return &suite{adapter: a, promptly: 10 * time.Second, tooLong: 60 * time.Second, grace: 500 * time.Millisecond}
}

func (s *suite) run(t tb) {
	for _, r := range rules() {
		t.Run(r.name, func(t tb) { r.check(&check{tb: t, suite: s, rule: r}) })
	}
}
