package fivetran

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A port is the number of a TCP port, as a [flag.Value].
type port uint16

func (p *port) String() string { return strconv.Itoa(int(*p)) }

func (p *port) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return errors.New("want a number from 0 to 65535")
	}
	*p = port(n)
	return nil
}

// defaultPort is the port on which Fivetran expects a source.
const defaultPort = 50051

// flags holds the flags of a command line.
type flags struct {
	port     port
	address  string
	dialect  Dialect
	version  bool
	logLevel string
}

// newFlagSet returns a flag set that sets f.
func (f *flags) newFlagSet() *flag.FlagSet {
	set := host.NewFlagSet()
	f.port = defaultPort
	set.Var(&f.port, "port", "")
	set.StringVar(&f.address, "address", "", "")
	set.TextVar(&f.dialect, "dialect", PartnerSDK, "")
	set.BoolVar(&f.version, "version", false, "")
	set.StringVar(&f.logLevel, "log-level", "", "")
	return set
}

// parse parses a command line. The error is flag.ErrHelp if the help text was requested.
func parse(args []string) (*flags, error) {
	f := new(flags)
	set := f.newFlagSet()
	if err := host.ParseFlags(set, args); err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %s; want flags such as --port 50051", pasted.Argument(set.Arg(0)))
	}
	return f, nil
}

// accepts reports whether the arguments of a program called server* are flags of this host.
func accepts(args []string) bool {
	set := new(flags).newFlagSet()
	err := set.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		name, _, _ := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		return strings.HasPrefix(args[0], "-") && set.Lookup(name) != nil
	}
	return set.NArg() == 0
}
