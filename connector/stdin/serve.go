package stdin

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// Serve answers one request: it reads the request from in, does with a copy of
// c what it asks for, and writes the answer to out, as the package comment
// describes. It is the wire without a process: it leaves os.Stdin, os.Stdout and
// signals alone, so that tests and other programs can call it, several at a
// time.
//
// The error is nil if the request was answered, which includes a test that
// failed. Otherwise it is a [*connector.Error], and the last line of out says
// the same to the platform. When ctx is done, the run ends as [host.Grace] says.
// Once Serve has returned, nothing more is written to out, unless out was stuck
// in a write when the grace was over.
func Serve(ctx context.Context, c connector.Connector, in io.Reader, out io.Writer, opts ...host.Option) error {
	s := &server{platform: true}
	lines := host.NewLineWriter(ctx, out, func() time.Duration { return s.run.Grace() })
	s.out = newWire(lines)
	s.run = host.New(ctx, c, append(slices.Clip(opts), host.ReplacedSecretsTo(s.out))...)
	return s.report(func() error {
		req, err := s.read(ctx, in)
		if err != nil {
			return err
		}
		return s.answer(ctx, req, s.out)
	})
}
