package airbyte

import (
	"errors"
	"flag"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// Host serves Airbyte as an option of penstock.Main, which includes it by default.
// It answers the commands spec, check, discover and read, as in "shop airbyte spec".
// A program whose name begins with "source-" answers them without the word airbyte.
// Such a program leaves its other commands, such as sync, to package stdin.
var Host = host.With(host.Wire{
	Name:        "airbyte",
	Summary:     "act as an Airbyte source: spec, check, discover, read",
	Prefix:      "source-",
	Accepts:     accepts,
	Deadline:    deadline,
	MaxGrace:    deadline * 3 / 10, // three waits fit into the deadline
	DieOfSignal: true,
	Serve:       serveProcess,
})

// deadline is the time that a process has to end after a signal. PyAirbyte stops
// reading before it sends SIGTERM, and kills the source after ten seconds.
const deadline = 2 * time.Second

// serveProcess runs the command line and returns the exit status.
func serveProcess(p *host.Process) int {
	line, err := parse(p.Args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return p.Print(usage(p))
	case err == nil && line.version:
		return p.Print(p.Name + " " + p.Version() + "\n")
	case err != nil:
		return p.UsageError(err)
	}
	level := ""
	if line.debug {
		level = "debug"
	}
	log, err := p.NewLog(level, "")
	if err != nil {
		return p.UsageError(err)
	}
	s := &server{wire: newWire(p.NewLineWriter())}
	s.use(p.NewRun(log, host.ReplacedSecretsTo(s.wire)))
	if err := s.serve(p.Context(), line); err != nil {
		return 1
	}
	return 0
}
