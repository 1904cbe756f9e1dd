package airbyte

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// The commands of Airbyte.
const (
	commandSpec     = "spec"
	commandCheck    = "check"
	commandDiscover = "discover"
	commandRead     = "read"
)

// flagsOf maps each command to the flags that it takes in addition to --debug.
var flagsOf = map[string][]string{
	commandSpec:     nil,
	commandCheck:    {"config"},
	commandDiscover: {"config"},
	commandRead:     {"config", "catalog", "state"},
}

// requiredFlags maps each command to the flags that it requires.
var requiredFlags = map[string][]string{
	commandCheck:    {"config"},
	commandDiscover: {"config"},
	commandRead:     {"config", "catalog"},
}

// A commandLine is a decoded command line.
type commandLine struct {
	command                string
	config, catalog, state string // paths of files
	debug, version         bool
}

// parse decodes a command line. Flags may precede or follow the command. The error is
// flag.ErrHelp if the command line asks for the help text.
func parse(args []string) (*commandLine, error) {
	line := new(commandLine)
	set := host.NewFlagSet()
	set.StringVar(&line.config, "config", "", "")
	set.StringVar(&line.catalog, "catalog", "", "")
	set.StringVar(&line.state, "state", "", "")
	set.BoolVar(&line.debug, "debug", false, "")
	set.BoolVar(&line.version, "version", false, "")
	var err error
	if line.command, err = host.ParseCommand(set, args); err != nil {
		return nil, err
	}
	if line.command == "help" {
		return nil, flag.ErrHelp
	}
	if line.version {
		return line, nil
	}
	return line, line.check(set)
}

// check returns an error if the command is unknown, or if its flags are not those that
// it takes.
func (l *commandLine) check(set *flag.FlagSet) error {
	taken, known := flagsOf[l.command]
	switch {
	case l.command == "":
		return errors.New("name a command: spec, check, discover or read")
	case !known:
		return fmt.Errorf("unknown command %s; want spec, check, discover or read", pasted.Argument(l.command))
	}
	var err error
	set.Visit(func(given *flag.Flag) {
		if given.Name != "debug" && !slices.Contains(taken, given.Name) {
			err = fmt.Errorf("flag --%s cannot be used with %s", given.Name, l.command)
		}
	})
	for _, name := range requiredFlags[l.command] {
		if err == nil && set.Lookup(name).Value.String() == "" {
			err = fmt.Errorf("%s needs the flag --%s with the name of a file", l.command, name)
		}
	}
	return err
}

// accepts reports whether Airbyte's wire takes a command line: its first word is a
// command of Airbyte, or it asks for help without naming another command.
func accepts(args []string) bool {
	for i := 0; i < len(args); i++ {
		name := strings.TrimLeft(args[i], "-")
		if name == args[i] {
			_, known := flagsOf[name]
			return known || name == "help"
		}
		switch name {
		case "h", "help":
			return true
		case "config", "catalog", "state":
			i++ // its value
		}
	}
	return false
}
