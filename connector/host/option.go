package connector

import (
	"log/slog"
	"time"
)

// An Option changes how a connector is run.
type Option func(*options)

type options struct {
	handler            slog.Handler
	checkpointInterval time.Duration
	checkpointRows     int
	progressInterval   time.Duration
	grace              time.Duration
	flushGrace         time.Duration
	version            string
	redactor           *redactor
}

func newOptions(opts []Option) *options {
	o := &options{
		checkpointInterval: time.Second,
		checkpointRows:     10_000,
		progressInterval:   5 * time.Second,
		grace:              time.Second,
	}
	for _, opt := range opts {
		opt(o)
	}
	o.flushGrace = o.grace
	return o
}

// CheckpointEvery sets how often checkpoints reach the platform: one is sent
// when so much time has passed since the last that was sent, or so many rows
// have been delivered, whichever comes first. The last checkpoint of a sync is
// always sent. The default is one second or 10,000 rows. Zero for either sends
// each one.
func CheckpointEvery(interval time.Duration, rows int) Option {
	return func(o *options) { o.checkpointInterval, o.checkpointRows = interval, rows }
}

// ProgressEvery sets how often a sync logs, at level info, how many rows each
// table has had and how fast they come. The default is five seconds; zero logs
// no progress.
func ProgressEvery(interval time.Duration) Option {
	return func(o *options) { o.progressInterval = interval }
}

// LogTo sets where the run's log goes, and what [Logger] writes to. Secrets
// are removed before the handler sees a record. The default is the handler of
// slog.Default, and for [Main] one that suits standard error.
func LogTo(h slog.Handler) Option { return func(o *options) { o.handler = h } }

// Grace sets how long a run whose context is done waits for the connector's
// method to return, and then for the reader to take the last lines. A method
// that takes longer is left behind, and the run returns without it. The default
// is one second.
func Grace(d time.Duration) Option { return func(o *options) { o.grace = d } }

// Version sets the version that the binary gives for --version. The default
// is the main module's version in the build information.
func Version(v string) Option { return func(o *options) { o.version = v } }
