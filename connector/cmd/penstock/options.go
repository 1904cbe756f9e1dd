package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

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
