package host

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// Environment variables that configure the log of a process. A flag overrides
// them.
const (
	// EnvLogLevel sets the level: debug, info, warn or error.
	EnvLogLevel = "PENSTOCK_LOG_LEVEL"
	// EnvLogFormat sets the format: text or json.
	EnvLogFormat = "PENSTOCK_LOG_FORMAT"
)

// A Process is the process of a connector's program while a wire serves it. [Main]
// creates it. Its methods are safe for concurrent use.
type Process struct {
	// Connector is the connector. Its fields hold the defaults of the
	// configuration.
	Connector connector.Connector
	// Name is the name of the program.
	Name string
	// Command holds the words that select the wire, for the help text: the name of
	// the program, such as "source-shop", and the name of the wire if the command
	// line contains it, as in "shop airbyte".
	Command string
	// Args holds the arguments for the wire, without the name of the program
	// and that of the wire.
	Args []string
	// Stdin is the standard input.
	Stdin *os.File
	// Stdout is the real standard output. Write only responses to it. All other
	// output to standard output, such as that of fmt.Print or of a C library,
	// goes to standard error.
	Stdout *os.File
	// Stderr is the standard error. The log is written to it with secrets masked.
	// Text that is written to it directly is not masked.
	Stderr *os.File
	// Wires lists all wires of the program, for the help text.
	Wires []Wire

	options   *options
	redactor  *redactor
	wire      *Wire
	ctx       context.Context
	signalled atomic.Pointer[interruption] // nil until the first signal
}

// An interruption is the first signal that told a process to end.
type interruption struct {
	signal   os.Signal
	deadline time.Time
}

// Main is the main function of a connector's program. It selects a wire, sets up
// the process, lets the wire serve it, and exits with the status that the wire
// returns. It does not return. At least one of the options must add a wire.
// penstock.Main calls Main with the wires of this module.
//
// Main selects the wire as follows:
//
//   - Without arguments, it selects the first wire.
//   - If the first argument is the name of a wire, it selects that wire.
//   - If the name of the program begins with the prefix of a wire that accepts
//     the arguments, it selects that wire.
//   - Otherwise, it selects the first wire.
//
// Main reserves the real standard output for the response. From then on, os.Stdout
// and, on Unix, file descriptor 1 refer to standard error, so that a stray print
// in the connector or in a library cannot corrupt the response. File descriptor 2
// is not changed, and text that is written to it directly is not redacted. The log
// is written to it, as colored text on a terminal and as JSON lines otherwise. The
// default loggers of packages slog and log also write to this log. Secrets are
// masked in it.
//
// The first SIGINT or SIGTERM ends a run in an orderly way, with its last state.
// A second signal ends the process immediately, and so does the deadline of the
// wire. A panic in a goroutine that the connector has started with a go statement
// cannot be recovered: Go prints it to file descriptor 2 and ends the process with
// status 2, and no line of the response reports it. Connectors use connector.Go
// instead.
func Main(c connector.Connector, opts ...Option) {
	// Writing to a closed pipe should be an ordinary error. Unlike Ignore, Notify
	// does not change how child processes handle SIGPIPE.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	o := newOptions(opts)
	if len(o.wires) == 0 {
		fmt.Fprintln(os.Stderr, "host.Main: no option adds a wire")
		os.Exit(2)
	}
	name := programName(os.Args)
	wire, args := route(o.wires, name, os.Args[min(1, len(os.Args)):])
	out, err := takeStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "standard output:", err)
		os.Exit(1)
	}
	p := &Process{
		Connector: c, Name: name, Command: name, Args: args, Wires: o.wires,
		Stdin: os.Stdin, Stdout: out, Stderr: os.Stderr,
		options: o, redactor: new(redactor), wire: wire,
	}
	if len(args) < len(os.Args)-1 { // the first argument names the wire
		p.Command += " " + wire.Name
	}
	p.watchSignals()
	p.exit(wire.Serve(p))
}

// exit ends the process. If the wire requires it, the process dies of the first
// signal. Otherwise, it exits with the status.
func (p *Process) exit(status int) {
	if first := p.signalled.Load(); first != nil && p.wire.DieOfSignal {
		dieOf(first.signal)
	}
	os.Exit(status)
}

// watchSignals makes the first signal end the context of the process. A second
// signal or the deadline ends the process itself.
func (p *Process) watchSignals() {
	ctx, cancel := context.WithCancelCause(context.Background())
	p.ctx = ctx
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		got := <-signals
		limit := p.wire.Deadline
		p.signalled.Store(&interruption{got, time.Now().Add(limit)})
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal %v", got))
		select {
		case <-signals:
		case <-time.After(limit):
			p.writeLast(fmt.Sprintf("%s: still busy %v after signal %v; exiting\n", p.Name, limit, got))
		}
		p.exit(1)
	}()
}

// writeLast writes text to standard error just before the process ends. It does
// not wait long, because the reader of standard error may be stuck.
func (p *Process) writeLast(text string) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(p.Stderr, text) // the process ends even if this fails
	}()
	select {
	case <-written:
	case <-time.After(exitMargin):
	}
}

// Context returns a context that is done once a signal has told the process to
// end. Its cause is an error of kind Interrupted that names the signal.
func (p *Process) Context() context.Context { return p.ctx }

// Deadline returns the time by which the process ends. It reports false if no
// signal has arrived.
func (p *Process) Deadline() (at time.Time, ok bool) {
	if first := p.signalled.Load(); first != nil {
		return first.deadline, true
	}
	return time.Time{}, false
}

// exitMargin is the time that a process needs to end after it has written or
// abandoned its last line.
const exitMargin = 200 * time.Millisecond

// NewLineWriter returns a [LineWriter] for the real standard output. After a
// signal, its Flush and Close wait for the reader until shortly before the
// deadline.
func (p *Process) NewLineWriter() *LineWriter {
	return NewLineWriter(p.ctx, p.Stdout, func() time.Duration {
		if at, ok := p.Deadline(); ok {
			return time.Until(at) - exitMargin
		}
		return p.options.grace
	})
}

// NewLog returns a log handler that writes to standard error and masks secrets.
// The level is debug, info, warn or error. The format is text or json. If one of
// them is empty, the environment variable [EnvLogLevel] or [EnvLogFormat]
// applies. By default, the level is info, and the format is text on a terminal
// and json otherwise. For an unknown level or format, it returns an error for
// the user of the command line. If the author has set a handler with [LogTo],
// NewLog returns that handler.
func (p *Process) NewLog(level, format string) (slog.Handler, error) {
	level, format = cmp.Or(level, os.Getenv(EnvLogLevel)), cmp.Or(format, os.Getenv(EnvLogFormat))
	// The writer masks secrets that the handler does not recognize.
	h, err := newLogHandler(redactingWriter{p.Stderr, p.redactor}, level, format, isTerminal(p.Stderr))
	if err == nil && p.options.handler != nil {
		h = p.options.handler
	}
	return h, err
}

// NewRun returns a [Run] with the options that were passed to [Main], followed by
// opts. The wire may limit the grace period. The log of the run becomes the default
// logger of package slog.
func (p *Process) NewRun(log slog.Handler, opts ...Option) *Run {
	o := *p.options
	for _, opt := range opts {
		opt(&o)
	}
	o.handler, o.redactor = log, p.redactor
	if limit := p.wire.MaxGrace; limit > 0 {
		o.grace = min(o.grace, limit)
	}
	r := newRun(p.ctx, p.Connector, &o)
	// The initial default handler of slog writes through package log, and
	// SetDefault makes package log write to slog, which would be a cycle.
	if fmt.Sprintf("%T", log) != "*slog.defaultHandler" {
		slog.SetDefault(r.log)
	}
	return r
}

// Interactive reports whether the standard input is a terminal.
func (p *Process) Interactive() bool { return isTerminal(p.Stdin) }

// Version returns the version of the program, followed by the source revision and
// the Go version. The version is the one that the option [Version] sets or,
// without the option, the one in the build information.
func (p *Process) Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(p.options.version, "(unknown)")
	}
	version := cmp.Or(p.options.version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(version, s.Value[:min(12, len(s.Value))]) {
			version += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return version + " " + info.GoVersion
}

// isTerminal reports whether f is a terminal: a character device other than the
// null device.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
