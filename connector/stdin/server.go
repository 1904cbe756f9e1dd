package stdin

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A server answers one request.
type server struct {
	run      *host.Run
	out      *wire
	platform bool // a platform reads the answer: report a failure in its last line

	testFailure error // of a test of the connection that was answered
}

// finish ends the run of a request that ended with err. It returns the failure, after
// logging it and, if a platform reads the answer, writing it as the last line.
func (s *server) finish(err error) error {
	return s.run.Finish(err, s.out.lines, func(_ error, explanation string) error {
		if !s.platform {
			return nil
		}
		return s.out.log(severe, explanation)
	})
}

// read reads a request.
func (s *server) read(ctx context.Context, in io.Reader) (*Request, error) {
	req, err := ReadRequest(ctx, in)
	if err == nil && len(req.Unknown) > 0 {
		s.run.Log().Debug("ignoring unknown fields in the request", "fields", req.Unknown)
	}
	return req, err
}

// answer answers a request. The operations of a sync are written to dst.
func (s *server) answer(ctx context.Context, req *Request, dst host.Destination) error {
	if req.Action == ActionSpec {
		form, err := s.run.Form()
		if err != nil {
			return err
		}
		spec, err := form.Spec()
		if err != nil {
			return err
		}
		return s.out.lines.Line("", spec, "")
	}
	configErr := s.run.Configure(req.Secrets)
	switch req.Action {
	case ActionSchema:
		tables, err := s.run.Schema()
		if err != nil {
			return err
		}
		return s.out.schema(tables, s.run.Redact)
	case ActionTest:
		return s.test(ctx)
	}
	if configErr != nil {
		return configErr
	}
	return s.run.Sync(host.SyncRequest{State: req.State, Selection: req.Selection}, dst)
}

// test answers with the result of the connector's Test. If the run was told to end,
// test writes no answer.
func (s *server) test(ctx context.Context) error {
	err := s.run.Test()
	if ctx.Err() != nil {
		return cmp.Or(err, context.Cause(ctx))
	}
	if err == nil {
		return s.out.test(true, "The connection works.")
	}
	s.testFailure = err
	message := strings.ReplaceAll(err.Error(), "\n", "; ")
	if connector.KindOf(err) == connector.Transient {
		message = s.run.Explain(err)
	}
	return s.out.test(false, message)
}
