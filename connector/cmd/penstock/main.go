package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// errInterrupted is the cause of a context that a signal has canceled.
var errInterrupted = errors.New("interrupted")

// stuck is the time after the first signal at which the program exits even if it is still
// busy. It is longer than [graceful]. The warehouse stays consistent.
const stuck = graceful + 5*time.Second

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		cancel(errInterrupted)
		select {
		case <-signals: // a second signal exits at once
		case <-time.After(stuck):
			// A terminal may have stopped taking output, or a disk.
		}
		killRunning()
		os.Exit(1)
	}()
	os.Exit(runCommand(ctx, os.Args[1:], newConsole(os.Stdout), newConsole(os.Stderr)))
}

// A command runs with the arguments that follow its name on the command line.
type command func(ctx context.Context, args []string, out, errOut *console) error

// commands maps each command's name to its function. help is not included.
var commands = map[string]command{
	"sync":    syncCommand,
	"watch":   watchCommand,
	"query":   queryCommand,
	"diff":    diffCommand,
	"summary": summaryCommand,
	"reset":   resetCommand,
	"init":    initCommand,
	"package": packageCommand,
}

// errReported is the error of a command that has already printed its error.
var errReported = errors.New("reported")

// runCommand runs one command line and returns the exit status: 0 for success, 1 for a
// failure, 2 for a usage error.
func runCommand(ctx context.Context, args []string, out, errOut *console) int {
	if len(args) == 0 {
		overview(errOut)
		return 2
	}
	hide := hidingKeys(args)
	errOut.hiding(hide)
	name, args := args[0], args[1:]
	if name != "query" && name != "diff" { // they print rows, which are not changed
		out.hiding(hide)
	}
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) == 0 {
			overview(out)
			return 0
		}
		if commands[args[0]] == nil {
			fmt.Fprintf(errOut, "penstock: unknown command %s; run penstock help for a list\n", pasted.Argument(args[0]))
			return 2
		}
		name, args = args[0], args[1:]
		if name != "package" || len(args) == 0 {
			args = nil // only package has commands of its own
		}
		args = append(args, "-h")
	}
	var err error
	switch run := commands[name]; {
	case run != nil:
		err = run(ctx, args, out, errOut)
	case strings.HasPrefix(name, "-"):
		args = append([]string{name}, args...)
		err = &usageError{fmt.Errorf("missing command; to run a connector: penstock sync %s", shownArguments(args))}
	default:
		err = &usageError{fmt.Errorf("unknown command %s; to run a connector: penstock sync -- %s", pasted.Argument(name), shownArguments(append([]string{name}, args...)))}
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errReported):
		return 1
	}
	fmt.Fprintln(errOut, "penstock:", message(hide(err.Error())))
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// A usageError reports an invalid command line.
type usageError struct{ error }
