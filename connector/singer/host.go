package singer

import (
	"errors"
	"flag"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// Host serves Singer as an option of penstock.Main, which includes it by default. A
// program whose name begins with "tap-" is a tap. Under any other name, the first
// argument "singer" selects this host, as in "shop singer --discover".
var Host = host.With(host.Wire{
	Name:     "singer",
	Summary:  "act as a Singer tap, as Meltano runs it",
	Prefix:   "tap-",
	Accepts:  accepts,
	Deadline: deadline,
	Serve:    serveProcess,
})

// deadline is the time that a process has to end after a signal. It leaves the target
// time to read the last state, and it is shorter than the ten seconds after which most
// platforms kill a process.
const deadline = 4500 * time.Millisecond

// serveProcess runs the command line and returns the exit status.
func serveProcess(p *host.Process) int {
	f, err := parse(p.Args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return p.Print(usage(p))
	case err != nil:
		return p.UsageError(err)
	case f.version:
		return p.Print(p.Name + " " + p.Version() + "\n")
	}
	log, err := p.NewLog(f.logLevel, f.logFormat)
	if err != nil {
		return p.UsageError(err)
	}
	version, _, _ := strings.Cut(p.Version(), " ")
	s := &server{name: p.Name, version: version, lines: p.NewLineWriter(), run: p.NewRun(log, keepsSecrets)}
	if s.answer(f) != nil {
		return 1
	}
	return 0
}
