package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A target is a data platform that package writes files for.
type target struct {
	name string
	run  command
}

// targets lists the targets in the order in which help prints them.
func targets() []target {
	return []target{{"airbyte", packageAirbyte}, {"meltano", packageMeltano}, {"fivetran", packageFivetran}}
}

// targetNames returns the names of the targets for a person.
func targetNames() string {
	names := make([]string, len(targets()))
	for i, t := range targets() {
		names[i] = t.name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func packageCommand(ctx context.Context, args []string, out, errOut *console) error {
	if len(args) == 0 {
		return &usageError{fmt.Errorf("missing target; want %s, as in penstock package airbyte ./restapi", targetNames())}
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return packageHelp(ctx, out, errOut)
	}
	for _, t := range targets() {
		if t.name == name {
			return t.run(ctx, rest, out, errOut)
		}
	}
	if strings.HasPrefix(name, "-") {
		return &usageError{fmt.Errorf("the target precedes its flags; want %s, as in penstock package airbyte %s", targetNames(), shownArguments(args))}
	}
	return &usageError{fmt.Errorf("unknown target %s; want %s", pasted.Argument(name), targetNames())}
}

// packageHelp prints the usage of all targets.
func packageHelp(ctx context.Context, out, errOut *console) error {
	for i, t := range targets() {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := t.run(ctx, []string{"-h"}, out, errOut); !errors.Is(err, flag.ErrHelp) {
			return err
		}
	}
	return nil
}

// packageOptions holds the flags that all targets share.
type packageOptions struct {
	*options
	dir     string
	name    string
	version string
	force   bool

	target  string
	program *packaging.Program
	named   packaging.Name
}

// newPackageOptions returns the options of a target.
func newPackageOptions(target string, out *console) *packageOptions {
	o := &packageOptions{options: newOptions("package "+target, out), target: target}
	o.StringVar(&o.dir, "o", "", "the `directory` to create; the default is NAME-"+target)
	o.StringVar(&o.name, "name", "", "the connector's `name`; the default is the last element of the package path")
	o.StringVar(&o.version, "version", "", "the `version` of the connector, such as 1.2.3, which the program prints")
	o.BoolVar(&o.force, "force", false, "if the directory exists, replace the files that this command writes, and keep all others")
	return o
}

// parse parses the flags and the package that follows them, and finds the package.
// check checks the values of the flags before that.
func (o *packageOptions) parse(ctx context.Context, args []string, errOut *console, check func() error) error {
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() != 1 {
		return &usageError{fmt.Errorf("want one Go package after the flags, got %d arguments; for example: penstock %s ./restapi", o.NArg(), o.Name())}
	}
	if o.version != "" {
		if err := packaging.CheckVersion(o.version); err != nil {
			return &usageError{err}
		}
	}
	if pasted.LooksLikeKey(o.name) {
		return &usageError{errors.New("the value of the flag -name looks like a key; want the connector's name")}
	}
	if err := check(); err != nil {
		return &usageError{err}
	}
	program, err := packaging.Find(ctx, o.Arg(0), errOut)
	if err != nil {
		return err
	}
	o.program = program
	if o.named, err = packaging.NewName(cmp.Or(o.name, program.LastElement())); err != nil {
		return &usageError{err}
	}
	if o.dir == "" {
		o.dir = o.named.ID + "-" + o.target
	}
	return packaging.CheckTarget(o.dir, o.force)
}
