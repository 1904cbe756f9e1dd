package host

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// NewFlagSet returns an empty flag set for the command line of a wire. It prints
// nothing: the wire answers flag.ErrHelp with its own help text, and passes other errors
// to [Process.UsageError].
func NewFlagSet() *flag.FlagSet {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	return set
}

// ParseCommand parses a command line that consists of one command and of flags, which
// may precede or follow it. The command is "" if there is none. For an invalid command
// line, the error is for [Process.UsageError]. It is flag.ErrHelp if the command line
// contains -h or --help and the set defines neither.
func ParseCommand(set *flag.FlagSet, args []string) (command string, err error) {
	for found := false; ; found = true {
		if err := set.Parse(args); err != nil {
			return "", err
		}
		if set.NArg() == 0 {
			return command, nil
		}
		if found {
			return "", fmt.Errorf("unexpected argument %q after the command %q", set.Arg(0), command)
		}
		command, args = set.Arg(0), set.Args()[1:]
		if command == "" {
			return "", errors.New("the command is empty")
		}
	}
}
