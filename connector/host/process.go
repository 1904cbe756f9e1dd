package connector

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// flushGrace is how long a process that was told to end waits for the reader
// of its answer. It is longer than [Grace]'s default, for a whole process has
// nobody else to keep waiting, and a second signal ends it at once.
const flushGrace = 10 * time.Second

// Main is the main function of a connector's binary:
//
//	func main() { connector.Main(&Connector{PageSize: 100}) }
//
// With a pipe or a file on standard input it speaks the protocol: one request
// in, one answer out. With a command as its first argument, or a terminal on
// standard input, it is a tool for people: see its --help.
//
// Main takes the real standard output for the answer. From then on os.Stdout,
// and on Unix the file descriptor 1 as well, are standard error, so that a
// stray print of the connector or of a library it uses can't spoil the answer.
// The log goes to standard error, coloured on a terminal and as JSON lines
// otherwise; slog's and log's default loggers lead there, too, and secrets are
// removed on the way.
//
// SIGINT and SIGTERM end a sync in good order, with its last state; a second
// one ends the process at once. Main does not return: it exits with status 0 if
// the request was answered, 1 if not, 2 if the command line is wrong.
func Main(c Connector, opts ...Option) {
	// Notify, unlike Ignore, keeps the children's SIGPIPE as it was. A closed
	// pipe then is an error like others.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	out, err := takeStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "standard output:", err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		got := <-signals
		cancel(Errorf(Interrupted, "interrupted by signal %v", got))
		<-signals
		os.Exit(1)
	}()
	t := &tool{
		connector:     c,
		options:       newOptions(opts),
		name:          programName(os.Args),
		args:          os.Args[min(1, len(os.Args)):],
		stdin:         os.Stdin,
		stdout:        out,
		stderr:        os.Stderr,
		stdinTerminal: isTerminal(os.Stdin),
		logTerminal:   isTerminal(os.Stderr),
	}
	os.Exit(t.run(ctx))
}

// isTerminal reports whether a person sits at the file: it is a character
// device, and not the one that swallows everything.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
