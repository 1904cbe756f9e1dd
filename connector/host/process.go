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

// The environment variables that set the log of a process if no flag does.
const (
	// EnvLogLevel is debug, info, warn or error.
	EnvLogLevel = "PENSTOCK_LOG_LEVEL"
	// EnvLogFormat is text or json.
	EnvLogFormat = "PENSTOCK_LOG_FORMAT"
)

// A Process is a connector's program while one wire serves it. It has taken
// over what a platform can tell a program apart by: its standard output, its
// signals, its log and its exit status.
type Process struct {
	// Connector holds the defaults.
	Connector connector.Connector
	// Name is the program's name, for help.
	Name string
	// Args are the arguments for the wire, without the program's name and the
	// wire's.
	Args []string
	// Stdin is the standard input.
	Stdin *os.File
	// Stdout is the real standard output, for answers only. Everything else
	// that writes there, from a stray print to a library in C, writes to
	// standard error.
	Stdout *os.File
	// Stderr is the standard error. It is raw: only the log that goes there is
	// free of secrets.
	Stderr *os.File
	// Wires are all wires of the program, for help.
	Wires []Wire

	options  *options
	redactor *redactor
	wire     *Wire
	ctx      context.Context
	told     atomic.Pointer[interruption]
}

// An interruption is the signal that told a process to end.
type interruption struct {
	signal   os.Signal
	deadline time.Time
}

// Main is the main function of a connector's program: it chooses a wire, sets
// the process up, and exits with the status that the wire returns. It does not
// return. penstock.Main calls it with the wires of this module; one of the
// options has to be a wire.
//
// Without arguments the first wire is served, under any name. Otherwise the
// first argument may name a wire. If it does not, the program's name may begin
// with the prefix of one that accepts the arguments. All else is left to the
// first wire.
//
// Main takes the real standard output for the answer. From then on os.Stdout,
// and on Unix file descriptor 1 as well, are standard error, so that a stray
// print of the connector or of a library cannot spoil the answer. File
// descriptor 2 stays as it is: what is written there directly is not redacted.
// The log goes there, coloured on a terminal and as JSON lines otherwise, and
// the default loggers of packages slog and log lead to it; secrets are removed
// on the way.
//
// SIGINT and SIGTERM end a run in good order, with its last state; a second one
// ends the process at once, and so does the wire's deadline. A panic in a
// goroutine that the connector has started itself cannot be caught: Go prints
// it to file descriptor 2 and ends the process with status 2, and there is no
// last line that says so.
func Main(c connector.Connector, opts ...Option) {
	// Notify, unlike Ignore, keeps the children's SIGPIPE as it was. A closed
	// pipe then is an error like others.
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
		Connector: c, Name: name, Args: args, Wires: o.wires,
		Stdin: os.Stdin, Stdout: out, Stderr: os.Stderr,
		options: o, redactor: new(redactor), wire: wire,
	}
	p.watchSignals()
	p.exit(wire.Serve(p))
}

// exit ends the process with a status, or of the signal that it was told by.
func (p *Process) exit(status int) {
	if told := p.told.Load(); told != nil && p.wire.DieOfSignal {
		dieOf(told.signal)
	}
	os.Exit(status)
}

// watchSignals makes the first signal end the context of the process, and the
// second one, or the deadline, the process.
func (p *Process) watchSignals() {
	ctx, cancel := context.WithCancelCause(context.Background())
	p.ctx = ctx
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		got := <-signals
		limit := p.wire.Deadline
		p.told.Store(&interruption{got, time.Now().Add(limit)})
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal %v", got))
		select {
		case <-signals:
		case <-time.After(limit):
			p.sayLast(fmt.Sprintf("%s: still busy %v after signal %v: ending without it\n", p.Name, limit, got))
		}
		p.exit(1)
	}()
}

// sayLast writes to standard error, whose reader may be stuck, too.
func (p *Process) sayLast(text string) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.WriteString(p.Stderr, text) // the process ends either way
	}()
	select {
	case <-said:
	case <-time.After(lastMoment):
	}
}

// Context returns the context that ends when a signal tells the process to end.
// Its cause is an error of kind Interrupted that names the signal.
func (p *Process) Context() context.Context { return p.ctx }

// Deadline returns when the process ends, whatever it is waiting for. It reports
// false while no signal has come.
func (p *Process) Deadline() (at time.Time, ok bool) {
	if told := p.told.Load(); told != nil {
		return told.deadline, true
	}
	return time.Time{}, false
}

// lastMoment is what a process needs to end once its last line was written or
// given up.
const lastMoment = 200 * time.Millisecond

// NewLineWriter returns a writer of lines to the real standard output. After a
// signal, its Flush and Close wait for the reader until shortly before the
// deadline.
func (p *Process) NewLineWriter() *LineWriter {
	return NewLineWriter(p.ctx, p.Stdout, func() time.Duration {
		if at, ok := p.Deadline(); ok {
			return time.Until(at) - lastMoment
		}
		return p.options.grace
	})
}

// NewLog returns the log of the process for standard error, in a level and a
// format that flags set; the environment and then the defaults stand in for
// empty ones. An unknown level or format is an error, for the user of the
// command line. If the author has set a log by LogTo, that is returned.
func (p *Process) NewLog(level, format string) (slog.Handler, error) {
	level, format = cmp.Or(level, os.Getenv(EnvLogLevel)), cmp.Or(format, os.Getenv(EnvLogFormat))
	// What gets past the handler's redaction is caught by the writer's.
	h, err := newLogHandler(redactingWriter{p.Stderr, p.redactor}, level, format, isTerminal(p.Stderr))
	if err == nil && p.options.handler != nil {
		h = p.options.handler
	}
	return h, err
}

// NewRun returns the run of the process, with the options that Main was given
// and further ones of the wire. Its log becomes the default of package slog.
func (p *Process) NewRun(log slog.Handler, opts ...Option) *Run {
	o := *p.options
	for _, opt := range opts {
		opt(&o)
	}
	o.handler, o.redactor = log, p.redactor
	r := newRun(p.ctx, p.Connector, &o)
	// The handler that slog begins with writes by way of package log, which
	// SetDefault leads to slog: a circle.
	if fmt.Sprintf("%T", log) != "*slog.defaultHandler" {
		slog.SetDefault(r.log)
	}
	return r
}

// Interactive reports whether a person sits at the standard input.
func (p *Process) Interactive() bool { return isTerminal(p.Stdin) }

// Version returns the version of the program as the option Version or the build
// information have it, with the revision and the version of Go.
func (p *Process) Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(p.options.version, "of unknown version")
	}
	version := cmp.Or(p.options.version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(version, s.Value[:min(12, len(s.Value))]) {
			version += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return version + " " + info.GoVersion
}

// isTerminal reports whether a person sits at the file: it is a character
// device, and not the null device.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
