package host

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/pasted"
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

// ParseFlags is like the Parse method of set, but its error contains no value of a flag,
// and no argument that looks like a key rather than the name of a flag: a person may have
// typed a secret in its place. The error is for [Process.UsageError]. It is flag.ErrHelp
// if the arguments contain -h or --help and the set defines neither.
func ParseFlags(set *flag.FlagSet, args []string) error {
	err := set.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := err.Error()
	if strings.HasPrefix(text, "invalid ") {
		return invalidFlag(set, args, text)
	}
	for _, start := range []string{"flag provided but not defined: -", "bad flag syntax: "} {
		if name, ok := strings.CutPrefix(text, start); ok {
			return errors.New(start + pasted.Name(name))
		}
	}
	return err
}

// invalidFlag returns the error for a flag whose value is not valid, without the value.
// The text is that of package flag, which quotes the value.
func invalidFlag(set *flag.FlagSet, args []string, text string) error {
	for i, arg := range args {
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		what := "invalid value"
		cause, ok := strings.CutPrefix(text, fmt.Sprintf("invalid value %q for flag -%s: ", value, name))
		if !ok {
			what = "invalid boolean value"
			cause, ok = strings.CutPrefix(text, fmt.Sprintf("invalid boolean value %q for -%s: ", value, name))
		}
		if f := set.Lookup(name); ok && f != nil {
			if cause == "parse error" || value != "" && strings.Contains(cause, value) {
				cause = wanted(f)
			}
			return fmt.Errorf("%s of flag -%s: %s", what, name, cause)
		}
	}
	return errors.New("a flag has an invalid value")
}

// wanted describes the values that a flag takes.
func wanted(f *flag.Flag) string {
	if getter, ok := f.Value.(flag.Getter); ok {
		switch getter.Get().(type) {
		case bool:
			return "want true or false"
		case int, int64, uint, uint64:
			return "want a whole number"
		case time.Duration:
			return "want a duration such as 30m or 1h30m"
		}
	}
	return "want a value of another form"
}

// ParseCommand parses a command line that consists of one command and of flags, which
// may precede or follow it. The command is "" if there is none. For an invalid command
// line, the error is for [Process.UsageError]. It is flag.ErrHelp if the command line
// contains -h or --help and the set defines neither.
func ParseCommand(set *flag.FlagSet, args []string) (command string, err error) {
	for found := false; ; found = true {
		if err := ParseFlags(set, args); err != nil {
			return "", err
		}
		if set.NArg() == 0 {
			return command, nil
		}
		if found {
			return "", fmt.Errorf("unexpected argument %s after the command %s", pasted.Argument(set.Arg(0)), pasted.Argument(command))
		}
		command, args = set.Arg(0), set.Args()[1:]
		if command == "" {
			return "", errors.New("the command is empty")
		}
	}
}
