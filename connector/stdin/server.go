package stdin

import (
	"cmp"
	"context"
	"io"
	"slices"

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

// read reads a request. If the context is done, it stops waiting and abandons
// the goroutine that reads.
func (s *server) read(ctx context.Context, in io.Reader) (*request, error) {
	type result struct {
		req *request
		err error
	}
	done := make(chan result, 1)
	go func() {
		req, err := readRequest(in)
		done <- result{req, err}
	}()
	select {
	case got := <-done:
		if got.err == nil && len(got.req.unknown) > 0 {
			slices.Sort(got.req.unknown)
			s.run.Log().Debug("ignoring unknown fields in the request", "fields", got.req.unknown)
		}
		return got.req, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answer answers a request. The operations of a sync are written to dst.
func (s *server) answer(ctx context.Context, req *request, dst host.Destination) error {
	if req.action == actionSpec {
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
	configErr := s.run.Configure(req.secrets)
	switch req.action {
	case actionSchema:
		tables, err := s.run.Schema()
		if err != nil {
			return err
		}
		return s.out.schema(tables)
	case actionTest:
		return s.test(ctx)
	}
	if configErr != nil {
		return configErr
	}
	return s.run.Sync(host.SyncRequest{State: req.state, Selection: req.selection}, dst)
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
	message := err.Error()
	if connector.KindOf(err) == connector.Transient {
		message = s.run.Explain(err)
	}
	return s.out.test(false, message)
}
