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
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// options holds a command's flag set and the flags that several commands share.
type options struct {
	*flag.FlagSet
	run     run
	naming  string
	asJSON  bool
	verbose bool
	help    io.Writer
}

// newOptions returns the options of a command. If the user requests the usage, Parse
// prints it to help.
func newOptions(name string, help io.Writer) *options {
	o := &options{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), help: help}
	o.SetOutput(io.Discard)
	o.Usage = func() {} // Parse prints the usage
	return o
}

// withFiles adds the flag for the warehouse's directory.
func (o *options) withFiles() *options {
	o.StringVar(&o.run.dir, "files", "files", "the `directory` that holds warehouse.db and state.json")
	return o
}

// Parse parses flags. If a flag requests the usage, Parse prints it and returns
// [flag.ErrHelp]. Every other error is a *usageError.
func (o *options) Parse(args []string) error {
	err := host.ParseFlags(o.FlagSet, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		m := manualOf(o.Name())
		fmt.Fprintf(o.help, "Usage: %s\n\n%s\n\nFlags:\n", m.line(), m.summary)
		o.SetOutput(o.help)
		o.PrintDefaults()
	case err != nil:
		return &usageError{fmt.Errorf("%w; run penstock %s -h for its flags", err, o.Name())}
	}
	for _, name := range []string{"files", "o"} { // the flags whose directory is created
		if f := o.Lookup(name); f != nil && err == nil {
			err = checkDirectory("the value of the flag -"+name, f.Value.String())
		}
	}
	return err
}

// parseAlone parses the flags of a command that takes no arguments.
func (o *options) parseAlone(args []string) error {
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() > 0 {
		return &usageError{fmt.Errorf("unexpected argument %s; run penstock %s -h for usage", pasted.Argument(o.Arg(0)), o.Name())}
	}
	return nil
}

// forSync adds the flags of a sync.
func (o *options) forSync() *options {
	o.withFiles()
	o.StringVar(&o.run.configurationPath, "configuration", "configuration.json", "the configuration `file`: a JSON object of strings and objects, in which ${NAME} stands for an environment variable")
	o.StringVar(&o.run.selectionPath, "selection", "", "the selection `file`: a JSON object that selects tables and columns, such as {\"shop\":{\"orders\":{\"columns\":{\"email\":false}},\"carts\":false}}; without it, everything is delivered")
	o.StringVar(&o.naming, "naming", "source", "the `names` of tables and columns in the warehouse: \"source\" keeps the source's names, \"platform\" applies Fivetran's rules")
	o.BoolVar(&o.run.explain, "explain", false, "check the rows for problems that otherwise appear in production")
	o.BoolVar(&o.asJSON, "json", false, "print the summary as JSON, for scripts")
	o.BoolVar(&o.verbose, "v", false, "print the connector's whole log, not only warnings and errors")
	return o
}

// connector parses the flags and the connector's command line that follows them.
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
		return &usageError{fmt.Errorf("missing connector; for example: penstock %s -- ./restapi", o.Name())}
	}
	if _, err := exec.LookPath(o.run.command[0]); err != nil && o.Lookup("build") == nil { // watch builds it first
		return fmt.Errorf("cannot start the connector: %w", err)
	}
	return nil
}

// open opens an existing warehouse for reading.
func (o *options) open(ctx context.Context) (*warehouse.Warehouse, error) {
	path := o.run.warehousePath()
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no warehouse yet; run penstock sync first: %w", err)
	}
	w, err := warehouse.OpenReadOnly(path)
	if err == nil {
		w.Interrupt(ctx)
	}
	return w, err
}
