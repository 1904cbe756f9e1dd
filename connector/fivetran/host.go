package fivetran

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// Host serves Fivetran as an option of penstock.Main:
//
//	penstock.Main(&Connector{}, fivetran.Host)
//
// The first argument "fivetran" selects it, as in "shop fivetran --port 50051". A program
// whose name begins with "server", as Fivetran's build produces it, needs no such argument.
var Host = host.With(host.Wire{
	Name:     "fivetran",
	Summary:  "serve Fivetran over gRPC",
	Prefix:   "server",
	Accepts:  accepts,
	Deadline: deadline,
	Serve:    serveProcess,
})

const (
	// deadline is the time that a process has to end after a signal. It is shorter than the
	// ten seconds after which most platforms kill a process.
	deadline = 4500 * time.Millisecond
	// stopMargin is the time before the deadline at which clients that are not reading are
	// disconnected.
	stopMargin = time.Second
)

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
	log, err := p.NewPlatformLog(f.logLevel, p.Stdout, func(w io.Writer, lowest slog.Level) slog.Handler {
		return newLogHandler(w, lowest, f.dialect)
	})
	if err != nil {
		return p.UsageError(err)
	}
	s := &service{dialect: f.dialect, newRun: func(ctx context.Context) *host.Run {
		return p.NewRunContext(ctx, log, keepsSecrets)
	}}
	return s.serveProcess(p, net.JoinHostPort(f.address, f.port.String()), log)
}
