package singer

import (
	"context"
	"errors"
	"flag"
	"io"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// Serve executes one command line of a tap, such as --config config.json --discover,
// with a copy of c. It writes to out what the process of a tap writes to standard
// output. It does not touch os.Stdin, os.Stdout or signals. It is safe for concurrent
// use, so that tests and other programs can call it.
//
// The error is nil if the exit status of the process would be 0. Otherwise, it is a
// [*connector.Error]. It has been logged, and out does not contain it, because Singer
// has no message for an error. If the arguments are not valid, its kind is
// Configuration. For --help, Serve writes nothing and returns flag.ErrHelp, because
// the help text describes a process.
//
// If ctx is done, the run ends as [host.Grace] describes. Serve does not write to out
// after it has returned, unless a write was still blocked at the end of the grace
// period.
func Serve(ctx context.Context, c connector.Connector, args []string, out io.Writer, opts ...host.Option) error {
	f, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	s := &server{name: "tap", version: moduleVersion("")}
	s.run = host.New(ctx, c, append(slices.Clip(opts), keepsSecrets)...)
	s.lines = host.NewLineWriter(ctx, out, func() time.Duration { return s.run.Grace() })
	if err != nil {
		return s.finish(connector.Errorf(connector.Configuration, "command line: %w", err))
	}
	return s.answer(f)
}
