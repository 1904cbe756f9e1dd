package airbyte

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

// Serve runs one command line with a copy of c and writes its messages to out, one
// JSON object on each line. The arguments are a command and its flags, without the
// name of a program, such as "check", "--config", "config.json". Serve reads the files
// that they name. It does not touch os.Stdout, os.Args or signals, so that tests and
// other programs can call it. It is safe for concurrent use.
//
// The error is nil if the exit status of a process would be 0: the command was
// answered, even if the answer is that a check failed, and every stream of a read is
// complete. Otherwise, it is a [*connector.Error], and a TRACE message has reported it
// to the platform. The exceptions are command lines that Serve does not answer, for
// which it writes nothing. A command line that is not valid is an error of kind
// Configuration, and so is --version, because only a process has a version. For --help,
// the error is flag.ErrHelp, because the help text describes a process. The flag --debug
// has no effect, because the options determine the log.
//
// If ctx is done, the run ends as [host.Grace] describes. Serve does not write to out
// after it has returned, unless a write was still blocked at the end of the grace
// period.
func Serve(ctx context.Context, c connector.Connector, args []string, out io.Writer, opts ...host.Option) error {
	line, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err == nil && line.version:
		err = errors.New("only a process answers --version")
	}
	if err != nil {
		return connector.Errorf(connector.Configuration, "command line: %w", err)
	}
	s := new(server)
	s.wire = newWire(host.NewLineWriter(ctx, out, func() time.Duration { return s.run.Grace() }))
	s.use(host.New(ctx, c, append(slices.Clip(opts), host.ReplacedSecretsTo(s.wire))...))
	return s.serve(ctx, line)
}
