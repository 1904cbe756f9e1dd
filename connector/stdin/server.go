package stdin

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A server answers one request.
type server struct {
	run      *host.Run
	out      *wire
	platform bool // reads the answer: it gets a last line about what went wrong

	testFailure error // what a test answered, where it was not a success
}

// report calls do and closes the run. What goes wrong is logged, is the last
// line if a platform reads it, and is the error that it returns.
func (s *server) report(do func() error) error {
	err := errors.Join(do(), s.run.Close())
	var failure error
	if err != nil {
		failure = s.run.Classify(single(err))
		message := s.run.Explain(failure)
		if errors.As(err, new(*requestError)) {
			message = failure.Error() // which says what a request looks like
		}
		s.run.Log().Error(message, "kind", connector.KindOf(failure).String())
		if s.platform {
			// A writer that has failed says so again below.
			_ = s.out.log(severe, message)
		}
	}
	if err := s.out.lines.Close(); err != nil && failure == nil {
		failure = s.run.Classify(err)
		s.run.Log().Error(failure.Error(), "kind", connector.KindOf(failure).String())
	}
	return failure
}

// single returns the error that a join holds, if it is only one.
func single(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) == 1 {
		return joined.Unwrap()[0]
	}
	return err
}

// read reads a request, and stops waiting for it when the context is done: a
// reader that blocks is left behind with the goroutine that reads.
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

// answer does what a request asks for. The operations of a sync go to dst.
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
	unknown, configErr := s.run.Configure(req.secrets)
	for _, name := range unknown {
		s.run.Log().Warn("ignoring an unknown field of the configuration", "field", name)
	}
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

// test answers with what the connector's Test says. Only a run that was told
// to end has no answer.
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
