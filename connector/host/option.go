package host

import (
	"log/slog"
	"time"
)

// An Option changes how a connector is run. [New], penstock.Main and the
// functions of the wires all accept Options, and the variable Host of each wire
// is an Option.
type Option func(*options)

type options struct {
	handler            slog.Handler
	checkpointInterval time.Duration
	checkpointRows     int
	progressInterval   time.Duration
	grace              time.Duration
	patience           func() time.Duration // see Run.patience; nil outside a process
	timeBudget         time.Duration
	version            string
	replaced           Destination
	wires              []Wire
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
	return o
}

// CheckpointEvery sets how often checkpoints are sent to the destination. A
// checkpoint is sent once interval has passed since the previous one or rows rows
// have been delivered, whichever comes first. The last checkpoint of a sync is
// always sent. The default is one second or 10,000 rows. If either value is zero,
// every checkpoint is sent. A checkpoint is not sent if its state equals the previous
// one and no row or truncation was delivered in between.
//
// If a state is larger than 64 KiB, rows make a checkpoint due only once they are as
// large as the state. The states then cost no more than the rows, however many
// partitions they contain. If such a state equals the previous one, the same applies to
// a checkpoint that is due because of the interval, for at least a second.
func CheckpointEvery(interval time.Duration, rows int) Option {
	return func(o *options) { o.checkpointInterval, o.checkpointRows = interval, rows }
}

// ProgressEvery sets the interval at which a sync logs, at level info, the number
// of rows and the rate of each table. The default is five seconds. If the
// interval is zero, no progress is logged.
func ProgressEvery(interval time.Duration) Option {
	return func(o *options) { o.progressInterval = interval }
}

// LogTo sets the handler of the run's log, to which connector.Logger also
// writes. Secrets are masked before the handler receives a record. The default
// is the handler of slog.Default(). In a process, the default is a handler that
// writes to standard error; see [Process.NewLog].
func LogTo(h slog.Handler) Option { return func(o *options) { o.handler = h } }

// Grace sets the grace period: how long a run waits for a method of the
// connector to return after the context of the run is done. A method that takes
// longer is abandoned: the run continues without it and does not close the
// connector. The run then waits equally long for a destination that blocks, and
// a wire outside a process waits equally long for its reader to read the last
// lines. The default is one second. In a process, the deadline of the wire ends
// every wait; see [Wire]. A process waits for a destination that blocks and for its
// reader until shortly before that deadline.
func Grace(d time.Duration) Option { return func(o *options) { o.grace = d } }

// TimeBudget ends a sync successfully after a duration, for connectors whose syncs
// have no end of their own and for platforms that schedule syncs of a fixed length.
// The duration counts from the call of [Run.Sync]. The sync then ends as it does if
// the destination returns [ErrEnough]: the next operation of the connector is
// refused, or its context is canceled if there is none within 100 ms. The cause of
// the context is an error of kind Interrupted that names the budget. The destination
// receives the state that the connector has checkpointed, and Sync returns nil. A
// table that failed before, and a panic, are still errors.
//
// The budget does not end the wait for a destination that blocks. A connector that
// does not return within the period that [Grace] sets is abandoned. The default is
// zero, which means no budget.
func TimeBudget(d time.Duration) Option { return func(o *options) { o.timeBudget = d } }

// Version sets the version that the flag --version prints. The default is the
// version of the main module in the build information. A version that the command
// penstock package sets takes precedence.
func Version(v string) Option { return func(o *options) { o.version = v } }

// ReplacedSecretsTo declares that the platform can store new values of the
// configuration; see connector.ReplaceSecret. While no sync is running, for
// example during a test, dst receives the [OpReplacedSecret]. During a sync, the
// destination of the sync receives it. By default, the platform cannot store new
// values, and connector.ReplaceSecret returns an error that wraps
// connector.ErrNotReplaced, even during a sync.
func ReplacedSecretsTo(dst Destination) Option {
	return func(o *options) { o.replaced = dst }
}

// With adds a wire to those that a program can serve. The package of a wire
// exports the result as its variable Host.
func With(w Wire) Option { return func(o *options) { o.wires = append(o.wires, w) } }
