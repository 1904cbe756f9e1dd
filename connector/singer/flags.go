package singer

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// flags holds the flags of a command line.
type flags struct {
	configs             []string
	catalog, state      string
	discover, about     bool
	version             bool
	test                testMode
	format              string
	logLevel, logFormat string
	named               []string // the names of the flags that were given
}

// newFlagSet returns a flag set that sets f.
func (f *flags) newFlagSet() *flag.FlagSet {
	set := host.NewFlagSet()
	for _, name := range []string{"config", "c"} {
		set.Func(name, "", func(path string) error {
			f.configs = append(f.configs, path)
			return nil
		})
	}
	for _, name := range []string{"catalog", "properties", "p"} {
		set.StringVar(&f.catalog, name, "", "")
	}
	for _, name := range []string{"state", "s"} {
		set.StringVar(&f.state, name, "", "")
	}
	for _, name := range []string{"discover", "d"} {
		set.BoolVar(&f.discover, name, false, "")
	}
	set.BoolVar(&f.about, "about", false, "")
	set.BoolVar(&f.version, "version", false, "")
	set.Var(&f.test, "test", "")
	set.StringVar(&f.format, "format", formatText, "")
	set.StringVar(&f.logLevel, "log-level", "", "")
	set.StringVar(&f.logFormat, "log-format", "", "")
	return set
}

// The formats of --about.
const (
	formatJSON = "json"
	formatText = "text"
)

// parse parses the command line of a tap. The error is flag.ErrHelp if the help text
// was requested.
func parse(args []string) (*flags, error) {
	f := new(flags)
	set := f.newFlagSet()
	if err := host.ParseFlags(set, joinTestMode(args)); err != nil {
		return nil, err
	}
	f.note(set)
	switch {
	case set.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %s", pasted.Argument(set.Arg(0)))
	case !f.isTap():
		return nil, errors.New("want flags such as --config FILE --discover")
	case slices.Contains(f.configs, ""):
		return nil, errors.New("flag --config needs the name of a file")
	case slices.Contains(f.configs, "ENV"):
		return nil, errors.New("--config ENV: this tap does not read its configuration from environment variables; name a file (a file called ENV is ./ENV)")
	case slices.Contains(f.named, "format") && !f.about:
		return nil, errors.New("flag --format can only be used with --about")
	case f.format != formatJSON && f.format != formatText:
		return nil, fmt.Errorf("unknown format %s; want %s or %s", pasted.Argument(f.format), formatJSON, formatText)
	}
	return f, nil
}

// isTap reports whether a flag was given that belongs to Singer.
func (f *flags) isTap() bool {
	return slices.ContainsFunc(f.named, func(name string) bool { return !isLogFlag(name) })
}

// accepts reports whether the arguments of a program called tap-* are those of a tap:
// flags only, at least one of which belongs to Singer. All other arguments belong to
// the commands for people, such as "sync", some of whose flags have the same names. If
// the flags are not valid, the tap reports it unless the arguments contain a command.
func accepts(args []string) bool {
	f := new(flags)
	set := f.newFlagSet()
	args = joinTestMode(args)
	err := set.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		isSinger := func(arg string) bool {
			name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			return strings.HasPrefix(arg, "-") && set.Lookup(name) != nil && !isLogFlag(name)
		}
		return slices.ContainsFunc(args, isSinger) && !slices.ContainsFunc(args, isCommand)
	}
	f.note(set)
	return err != nil || set.NArg() == 0 && f.isTap()
}

// note records which flags were given.
func (f *flags) note(set *flag.FlagSet) {
	set.Visit(func(given *flag.Flag) { f.named = append(f.named, given.Name) })
}

// isLogFlag reports whether a flag belongs to all hosts.
func isLogFlag(name string) bool { return strings.HasPrefix(name, "log-") }

// isCommand reports whether an argument is a command for people.
func isCommand(arg string) bool {
	return slices.Contains([]string{"sync", "schema", "spec", "test", "help", "version"}, arg)
}
