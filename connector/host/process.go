package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
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
	ending    atomic.Bool                  // the program has chosen its exit status
	log       *logQueue
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
// Main reserves the real standard output for the response. If standard output is closed
// or not open for writing, the program ends with status 1. (Go replaces a closed standard
// output by the null device, opened for reading and writing, so Main treats that as
// closed, unless standard input or standard error is the same open file. To discard the
// response, open the null device for writing only, as a shell does.) A closed standard
// input is empty. If standard error is closed, the log is discarded. From then on, os.Stdout
// and, on Unix, file descriptor 1 refer to standard error, so that a stray print
// in the connector or in a library cannot corrupt the response. File descriptor 2
// is not changed, and text that is written to it directly is not redacted. The log
// is written to it, as colored text on a terminal and as JSON lines otherwise. The
// default loggers of packages slog and log also write to this log. Secrets are
// masked in it. If nobody reads the log, the process continues: a record waits for up to
// a second, and the last 256 later ones are kept until the log is read again.
//
// Main lets the heap of a small program grow to five times what is alive, but not over 64 MiB,
// before the garbage collector runs, instead of Go's two times. The environment variables GOGC
// and GOMEMLIMIT, and debug.SetGCPercent and debug.SetMemoryLimit at any time, take precedence,
// with one exception: debug.SetGCPercent(100) before Main has no effect, because 100 is also
// the value if nobody calls it. For Go's two times, set GOGC=100, or call debug.SetGCPercent(100)
// later, such as in the connector's Open method.
//
// The first SIGINT or SIGTERM ends a run in an orderly way, with its last state.
// A second signal ends the process immediately, and so does the deadline of the
// wire. A panic in a goroutine that the connector has started with a go statement
// cannot be recovered: Go prints it to file descriptor 2 and ends the process with
// status 2, and no line of the response reports it. Connectors use connector.Go
// instead.
func Main(c connector.Connector, opts ...Option) {
	catchWriteSignals()
	startGCTarget()
	o := newOptions(opts)
	if len(o.wires) == 0 {
		fmt.Fprintln(os.Stderr, "host.Main: no option adds a wire")
		os.Exit(2)
	}
	name := programName(os.Args)
	wire, args := route(o.wires, name, os.Args[min(1, len(os.Args)):])
	out, err := takeStdout()
	if err != nil {
		if errors.Is(err, errNotOpen) {
			writeWithin(logPatience, os.Stderr, fmt.Sprintf("%s: %v\n", name, err))
		} else { // such as too many open files: Go cannot even start a timer
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		}
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
	p.log = &logQueue{ctx: p.ctx}
	status := p.closeStdout(wire.Serve(p))
	p.drainLog()
	p.exit(status)
}

// drainLog gives a reader of the log that has stopped reading some time to read the rest.
// It closes the response before, because some programs read that to its end first.
func (p *Process) drainLog() {
	if p.log.isBlocked() {
		go p.Stdout.Close() // in case a write that was given up is still blocked
		limit := 2 * logPatience
		if at, told := p.Deadline(); told {
			limit = min(logPatience, time.Until(at)-exitMargin/2)
		}
		p.log.drain(limit)
	}
}

// closeStdout closes the real standard output after a success, and returns the exit
// status. A file system such as NFS may report only then that a disk is full.
func (p *Process) closeStdout(status int) int {
	if status != 0 {
		return status
	}
	if err := p.Stdout.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return p.reportUnwritten(err)
	}
	return 0
}

// Print writes text for a person, such as a help text, to the real standard output. It
// returns the exit status: 0, or 1 if the text could not be written. In that case, it
// reports the reason on standard error.
func (p *Process) Print(text string) int {
	if err := newOutput(p.Stdout).write([]byte(text)); err != nil {
		return p.reportUnwritten(err)
	}
	return 0
}

func (p *Process) reportUnwritten(err error) int {
	p.Tell(fmt.Sprintf("%s: %v\n", p.Name, writeFailure(err)))
	return 1
}

// NewLineWriter returns a [LineWriter] for the real standard output. After a
// signal, its Flush and Close wait for the reader until shortly before the
// deadline.
func (p *Process) NewLineWriter() *LineWriter {
	return NewLineWriter(p.ctx, p.Stdout, func() time.Duration { return p.untilDeadline(exitMargin, p.options.grace) })
}

// untilDeadline returns the time until the deadline, less a margin. If no signal has
// arrived, it returns otherwise.
func (p *Process) untilDeadline(margin, otherwise time.Duration) time.Duration {
	if at, ok := p.Deadline(); ok {
		return time.Until(at) - margin
	}
	return otherwise
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

// NewPlatformLog is like [Process.NewLog] for a platform with a log format of its own. The
// level is as there, with the same default. If the author has set a handler with [LogTo], it
// returns that handler. Otherwise, it returns the result of create, whose handler must ignore
// records below the level lowest and write each record with one call of out.Write. This writer
// masks secrets and then writes to w, such as the Stdout of p. The format is not configurable.
func (p *Process) NewPlatformLog(level string, w *os.File, create func(out io.Writer, lowest slog.Level) slog.Handler) (slog.Handler, error) {
	lowest, err := parseLogLevel(cmp.Or(level, os.Getenv(EnvLogLevel)))
	if err != nil || p.options.handler != nil {
		return p.options.handler, err
	}
	return create(redactingWriter{w, p.redactor}, lowest), nil
}

// NewRun returns a [Run] with the options that were passed to [Main], followed by
// opts. The wire may limit the grace period. The log of the run becomes the default
// logger of package slog.
func (p *Process) NewRun(log slog.Handler, opts ...Option) *Run {
	return p.newRun(p.ctx, log, opts)
}

// NewRunContext is like [Process.NewRun] for a wire that answers several requests with one
// process. The run ends when ctx is done. Derive ctx from [Process.Context], and cancel it when
// the request has been answered. The secrets of each run are masked in the logs of all until
// the process ends. The log of the latest run is the default logger of package slog.
// NewRunContext is safe for concurrent use.
func (p *Process) NewRunContext(ctx context.Context, log slog.Handler, opts ...Option) *Run {
	return p.newRun(ctx, log, opts)
}

func (p *Process) newRun(ctx context.Context, log slog.Handler, opts []Option) *Run {
	o := *p.options
	for _, opt := range opts {
		opt(&o)
	}
	o.handler, o.redactor = patientHandler{log, p.log}, p.redactor
	if limit := p.wire.MaxGrace; limit > 0 {
		o.grace = min(o.grace, limit)
	}
	// Less than that of the LineWriter, which waits afterwards.
	o.patience = func() time.Duration { return p.untilDeadline(2*exitMargin, o.grace) }
	r := newRun(ctx, p.Connector, &o)
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
// the Go version. The version is the one that penstock package -version or the option
// [Version] sets or, without both, the one in the build information.
func (p *Process) Version() string {
	version := cmp.Or(linkedVersion, p.options.version)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "(unknown)")
	}
	version = cmp.Or(version, info.Main.Version, "(devel)")
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
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && !isNull(f)
}

// isNull reports whether f is the null device.
func isNull(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}
