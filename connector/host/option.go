package host

import (
	"log/slog"
	"time"
)

// An Option changes how a connector is run. It is the one option type of the
// product: it goes with [New], with penstock.Main and with the functions of
// the wires, and a wire's Host is an Option, too.
type Option func(*options)

type options struct {
	handler            slog.Handler
	checkpointInterval time.Duration
	checkpointRows     int
	progressInterval   time.Duration
	grace              time.Duration
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

// CheckpointEvery sets how often checkpoints reach the destination: one is sent
// once interval has passed since the previous one or rows rows have been
// delivered, whichever comes first. The last checkpoint of a sync is always
// sent. The default is one second or 10,000 rows. Zero for either sends each
// checkpoint.
func CheckpointEvery(interval time.Duration, rows int) Option {
	return func(o *options) { o.checkpointInterval, o.checkpointRows = interval, rows }
}

// ProgressEvery sets how often a sync logs, at level info, how many rows each
// table has delivered and at which rate. The default is five seconds. Zero logs
// no progress.
func ProgressEvery(interval time.Duration) Option {
	return func(o *options) { o.progressInterval = interval }
}

// LogTo sets where the log of a run goes, and what connector.Logger writes to.
// Secrets are removed before the handler sees a record. The default is the
// handler of slog.Default, and in a process one that suits standard error.
func LogTo(h slog.Handler) Option { return func(o *options) { o.handler = h } }

// Grace sets how long a run whose context is done waits for a method of the
// connector to return. A method that takes longer is abandoned: the run returns
// without it, and the connector is not closed. It is also how long the run then
// waits for a destination that blocks, and a wire outside a process for the
// reader to take the last lines. The default is one second. In a process, the
// deadline of the wire ends every wait; see [Wire].
func Grace(d time.Duration) Option { return func(o *options) { o.grace = d } }

// Version sets the version that a program prints for --version. The default is
// the main module's version in the build information.
func Version(v string) Option { return func(o *options) { o.version = v } }

// ReplacedSecretsTo sets where new values of the configuration go, as
// connector.ReplaceSecret describes, while no sync is running: dst gets an
// [OpReplacedSecret] in Schema and Test. During a sync, the sync's destination
// gets them. Without the option the platform has no place for new values: the
// connector gets an error that says so, during a sync as well.
func ReplacedSecretsTo(dst Destination) Option {
	return func(o *options) { o.replaced = dst }
}

// With adds a wire to the ones that a process speaks: it is what makes the Host
// of a wire's package.
func With(w Wire) Option { return func(o *options) { o.wires = append(o.wires, w) } }
