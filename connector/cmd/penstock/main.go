package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

const usage = `Debug runs a connector as a platform does, and keeps what it delivers in a
database that you can query.

    debug [flags] -- COMMAND [ARGUMENT ...]   test, schema and sync into files/warehouse.db
    debug watch [flags] -build "go build -o restapi ." -- ./restapi
                                              the same, each time a source file changes
    debug query [flags] "select …"            what is in the warehouse; without SQL, its tables
    debug diff [flags]                        what the last sync added, changed and took away
    debug summary [flags]                     what the last sync said at its end
    debug reset [flags]                       removes the warehouse and the state
    debug init [flags] NAME                   a new connector, with tests that pass

debug COMMAND -h prints the flags of each.
`

var errInterrupted = errors.New("interrupted")

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
		<-signals // who asks twice does not want to wait
		os.Exit(1)
	}()
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// commands are the first words that are no connector.
var commands = map[string]func(ctx context.Context, args []string, out, errOut *os.File) error{
	"watch":   watchCommand,
	"query":   queryCommand,
	"diff":    diffCommand,
	"summary": summaryCommand,
	"reset":   resetCommand,
	"init":    initCommand,
}

// errReported is a failure that was shown already.
var errReported = errors.New("reported")

// command runs one command line and returns the exit status.
func command(ctx context.Context, args []string, out, errOut *os.File) int {
	run := syncCommand
	switch {
	case len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help":
		to := errOut
		if len(args) > 0 {
			to = out
		}
		fmt.Fprint(to, usage)
		if len(args) > 0 {
			return 0
		}
		return 2
	case commands[args[0]] != nil:
		run = commands[args[0]]
		args = args[1:]
	case !strings.HasPrefix(args[0], "-"):
		fmt.Fprintf(errOut, "debug: there is no command %q; a connector is started by: debug -- %s\n", args[0], strings.Join(args, " "))
		return 2
	}
	err := run(ctx, args, out, errOut)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errReported):
		return 1
	}
	fmt.Fprintln(errOut, "debug:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// A usageError is what is wrong with a command line.
type usageError struct{ error }

// options are the flags that more than one command has.
type options struct {
	*flag.FlagSet
	run     run
	naming  string
	asJSON  bool
	verbose bool
	usage   func()
}

func newOptions(name string, errOut io.Writer) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	o.SetOutput(io.Discard)
	o.usage = func() {
		o.SetOutput(errOut)
		fmt.Fprintf(errOut, "The flags of debug %s:\n", strings.TrimSpace(name+" [flags]"))
		o.PrintDefaults()
		o.SetOutput(io.Discard)
	}
	o.StringVar(&o.run.dir, "files", "files", "the `directory` of warehouse.db and state.json")
	return o
}

// Parse parses flags. What is wrong with them is a usageError.
func (o *options) Parse(args []string) error {
	o.Usage = func() {} // it is printed for who asks for it
	err := o.FlagSet.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		o.usage()
	case err != nil:
		return &usageError{fmt.Errorf("%w; debug %s -h prints the flags", err, o.Name())}
	}
	return err
}

// forSync adds the flags of a sync.
func (o *options) forSync() *options {
	o.StringVar(&o.run.configuration, "configuration", "configuration.json", "the `file` with the configuration: a JSON object of texts, in which ${NAME} is a variable of the environment")
	o.StringVar(&o.naming, "naming", "source", "names of tables and columns: source, as the source spells them, or platform, as Fivetran does")
	o.BoolVar(&o.run.explain, "explain", false, "look at the rows for what authors find out in production otherwise")
	o.BoolVar(&o.asJSON, "json", false, "print the summary as JSON, for scripts")
	o.BoolVar(&o.verbose, "v", false, "show all that the connector logs")
	return o
}

// connector parses flags and the connector's command line after them.
func (o *options) connector(args []string) error {
	if err := o.Parse(args); err != nil {
		return err
	}
	naming, err := warehouse.ParseNaming(o.naming)
	if err != nil {
		return &usageError{err}
	}
	o.run.naming, o.run.command = naming, o.Args()
	if len(o.run.command) == 0 {
		return &usageError{errors.New("which connector? debug -- ./restapi")}
	}
	if _, err := exec.LookPath(o.run.command[0]); err != nil && o.Lookup("build") == nil { // watch builds it first
		return fmt.Errorf("the connector can't be started: %w", err)
	}
	return nil
}

func syncCommand(ctx context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("", errOut).forSync()
	if err := o.connector(args); err != nil {
		return err
	}
	return o.sync(ctx, out, errOut)
}

// sync makes a sync, and shows an error that it ended with.
func (o *options) sync(ctx context.Context, out, errOut *os.File) error {
	s := newScreen(out, errOut, o.asJSON, o.verbose)
	sum, err := o.run.sync(ctx, s)
	if err == nil {
		return nil
	}
	if sum == nil && o.asJSON {
		s.summary(&summary{Error: err.Error()})
	}
	s.print(errOut, s.paint(red, "failed: ")+err.Error()+"\n")
	return errReported
}

// open opens the warehouse that there is.
func (o *options) open(ctx context.Context) (*warehouse.Warehouse, error) {
	path := o.run.warehousePath()
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no warehouse: %w", err)
	}
	w, err := warehouse.OpenReadOnly(path)
	if err == nil {
		w.Interrupt(ctx)
	}
	return w, err
}

func summaryCommand(ctx context.Context, args []string, out, errOut *os.File) (err error) {
	o := newOptions("summary", errOut)
	o.BoolVar(&o.asJSON, "json", false, "print it as JSON")
	if err := o.Parse(args); err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	text, err := w.Summary()
	if err != nil {
		return err
	}
	if o.asJSON {
		_, err = fmt.Fprintln(out, text)
		return err
	}
	sum, err := readSummary(text)
	if err != nil {
		return err
	}
	s := newScreen(out, errOut, false, false)
	s.summary(sum)
	if sum.Error != "" {
		s.say("%s%s", s.paint(red, "failed: "), sum.Error)
	}
	return nil
}

func resetCommand(_ context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("reset", errOut)
	if err := o.Parse(args); err != nil {
		return err
	}
	if _, err := os.Stat(o.run.dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := warehouse.TakeLock(o.run.lockPath())
	if err != nil {
		return err
	}
	if err := lock.Release(); err != nil {
		return err
	}
	for _, path := range []string{o.run.warehousePath(), o.run.previousPath(), o.run.lockPath()} {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := remove(path + suffix); err != nil {
				return err
			}
		}
	}
	if err := remove(o.run.statePath()); err != nil {
		return err
	}
	fmt.Fprintf(out, "the next sync begins from nothing in %s\n", filepath.Join(o.run.dir, "warehouse.db"))
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
