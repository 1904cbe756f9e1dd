package stdin

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// Serve answers one request. It reads the request from in, runs the requested
// action on a copy of c, and writes the answer to out, as the package comment
// describes. It does not touch os.Stdin, os.Stdout or signals. It is safe for
// concurrent use, so that tests and other programs can call it.
//
// The error is nil if the request was answered, even if the answer is that a test
// of the connection failed. Otherwise, it is a [*connector.Error], and the last
// line written to out reports it to the platform. If ctx is done, the run ends as
// [host.Grace] describes. Serve does not write to out after it has returned,
// unless a write was still blocked at the end of the grace period.
func Serve(ctx context.Context, c connector.Connector, in io.Reader, out io.Writer, opts ...host.Option) error {
	s := &server{platform: true}
	lines := host.NewLineWriter(ctx, out, func() time.Duration { return s.run.Grace() })
	s.out = newWire(lines)
	s.run = host.New(ctx, c, append(slices.Clip(opts), host.ReplacedSecretsTo(s.out))...)
	req, err := s.read(ctx, in)
	if err == nil {
		err = s.answer(ctx, req, s.out)
	}
	return s.finish(err)
}
