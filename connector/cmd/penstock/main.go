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

var errInterrupted = errors.New("interrupted")

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
		<-signals // a second one does not wait
		os.Exit(1)
	}()
	os.Exit(runCommand(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A command runs with the arguments that follow its name.
type command func(ctx context.Context, args []string, out, errOut *os.File) error

// commands are the commands by name; help is not among them.
var commands = map[string]command{
	"sync":    syncCommand,
	"watch":   watchCommand,
	"query":   queryCommand,
	"diff":    diffCommand,
	"summary": summaryCommand,
	"reset":   resetCommand,
	"init":    initCommand,
}

// errReported is a failure that was printed already.
var errReported = errors.New("reported")

// runCommand runs one command line and returns the exit status: 0 for success, 1 for a
// failure, 2 for a usage error.
func runCommand(ctx context.Context, args []string, out, errOut *os.File) int {
	if len(args) == 0 {
		overview(errOut)
		return 2
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) == 0 {
			overview(out)
			return 0
		}
		if commands[args[0]] == nil {
			fmt.Fprintf(errOut, "penstock: there is no command %q; penstock help lists them\n", args[0])
			return 2
		}
		name, args = args[0], []string{"-h"}
	}
	var err error
	switch run := commands[name]; {
	case run != nil:
		err = run(ctx, args, out, errOut)
	case strings.HasPrefix(name, "-"):
		args = append([]string{name}, args...)
		err = &usageError{fmt.Errorf("the command is missing; to run a connector, write: penstock sync %s", strings.Join(args, " "))}
	default:
		err = &usageError{fmt.Errorf("there is no command %q; to run a connector, write: penstock sync -- %s", name, strings.Join(append([]string{name}, args...), " "))}
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errReported):
		return 1
	}
	fmt.Fprintln(errOut, "penstock:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// A usageError reports a command line that is not valid.
type usageError struct{ error }

// options are the flags that more than one command has.
type options struct {
	*flag.FlagSet
	run     run
	naming  string
	asJSON  bool
	verbose bool
	help    io.Writer
}

// newOptions returns the options of a command. The usage, if it is asked for, is
// printed to help.
func newOptions(name string, help io.Writer) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), help: help}
	o.SetOutput(io.Discard)
	o.Usage = func() {} // Parse prints it
	return o
}

// withFiles adds the flag that says where the warehouse is.
func (o *options) withFiles() *options {
	o.StringVar(&o.run.dir, "files", "files", "the `directory` of warehouse.db and state.json")
	return o
}

// Parse parses flags. It prints the usage if a flag asks for it, and returns
// [flag.ErrHelp]. Its other errors are usageErrors.
func (o *options) Parse(args []string) error {
	err := o.FlagSet.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		m := manualOf(o.Name())
		fmt.Fprintf(o.help, "Usage: %s\n\n%s\n\nFlags:\n", m.line(), m.summary)
		o.SetOutput(o.help)
		o.PrintDefaults()
	case err != nil:
		return &usageError{fmt.Errorf("%w; penstock %s -h prints the flags", err, o.Name())}
	}
	return err
}

// parseAlone parses the flags of a command that takes no other arguments.
func (o *options) parseAlone(args []string) error {
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() > 0 {
		return &usageError{fmt.Errorf("unexpected argument %q; penstock %s -h prints the usage", o.Arg(0), o.Name())}
	}
	return nil
}

// forSync adds the flags of a sync.
func (o *options) forSync() *options {
	o.withFiles()
	o.StringVar(&o.run.configurationPath, "configuration", "configuration.json", "the `file` with the configuration: a JSON object of strings and objects, in which ${NAME} stands for an environment variable")
	o.StringVar(&o.run.selectionPath, "selection", "", "the `file` with the tables and columns to deliver, such as {\"shop\":{\"orders\":{\"columns\":{\"email\":false}},\"carts\":false}}; everything by default")
	o.StringVar(&o.naming, "naming", "source", "the `names` of tables and columns: source, as the source spells them, or platform, as Fivetran does")
	o.BoolVar(&o.run.explain, "explain", false, "examine the rows for problems that authors otherwise find in production")
	o.BoolVar(&o.asJSON, "json", false, "print the summary as JSON, for scripts")
	o.BoolVar(&o.verbose, "v", false, "print everything that the connector logs")
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
		return &usageError{fmt.Errorf("which connector? penstock %s -- ./restapi", o.Name())}
	}
	if _, err := exec.LookPath(o.run.command[0]); err != nil && o.Lookup("build") == nil { // watch builds it first
		return fmt.Errorf("the connector can't be started: %w", err)
	}
	return nil
}

func syncCommand(ctx context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("sync", out).forSync()
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
	o := newOptions("summary", out).withFiles()
	o.BoolVar(&o.asJSON, "json", false, "print it as JSON")
	if err := o.parseAlone(args); err != nil {
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

func resetCommand(_ context.Context, args []string, out, _ *os.File) error {
	o := newOptions("reset", out).withFiles()
	if err := o.parseAlone(args); err != nil {
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
