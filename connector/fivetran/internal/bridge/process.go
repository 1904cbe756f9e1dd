package bridge

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// EnvAddress is the environment variable with the address of the source, for programs that
// start the bridge without arguments.
const EnvAddress = "FIVETRAN_SOURCE"

// deadline is the time that the process has to end after a signal, as in package stdin.
const deadline = 4500 * time.Millisecond

// Main is the main function of the bridge's program. It does not return.
func Main() {
	// The program has no connector of its own: the source at the address is one.
	host.Main(nil, host.With(host.Wire{
		Name: "stdin", Summary: "answer a request on standard input", Deadline: deadline, Serve: serveProcess,
	}))
}

// serveProcess runs the command line and returns the exit status.
func serveProcess(p *host.Process) int {
	var o Options
	var level, format string
	var version bool
	set := host.NewFlagSet()
	set.StringVar(&o.Schema, "schema", DefaultSchema, "")
	set.StringVar(&level, "log-level", "", "")
	set.StringVar(&format, "log-format", "", "")
	set.BoolVar(&version, "version", false, "")
	// What follows -- is the command of a source.
	args, command := p.Args, []string(nil)
	if i := slices.Index(args, "--"); i >= 0 {
		args, command = args[:i], args[i+1:]
	}
	address, err := host.ParseCommand(set, args)
	switch {
	case errors.Is(err, flag.ErrHelp) || address == "help":
		return p.Print(fmt.Sprintf(usageText, p.Name, DefaultSchema))
	case err == nil && version || address == "version":
		return p.Print(p.Name + " " + p.Version() + "\n")
	case err != nil:
		return p.UsageError(err)
	}
	o.Command, o.Output, o.Address = command, p.Stderr, address
	switch {
	case address != "" && len(command) > 0:
		return p.UsageError(errors.New("name the address of a source or its command, not both"))
	case address == "" && len(command) == 0:
		if o.Address = os.Getenv(EnvAddress); o.Address == "" {
			return p.UsageError(errors.New("name the address of a source, such as localhost:50051"))
		}
	}
	if o.Log, err = p.NewLog(level, format); err != nil {
		return p.UsageError(err)
	}
	if err := serve(p.Context(), p.Stdin, p.NewLineWriter(), o); err != nil {
		return 1
	}
	return 0
}
