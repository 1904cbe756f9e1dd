package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// Run answers one request: it reads the request from in, does with a copy of c
// what it asks for, and writes the answer to out, as the package comment
// describes. It is [Main] without the process: it leaves os.Stdin, os.Stdout
// and signals alone, so tests and other programs can call it, several at a
// time.
//
// The error is nil if the request was answered, which a test that failed is,
// too. Otherwise it is an [*Error], and the last line of out says the same to
// the platform. When ctx is done, the run ends as [Grace] says; once Run has
// returned, nothing more is written to out, unless out was stuck in a write
// when the grace was over.
func Run(ctx context.Context, c Connector, in io.Reader, out io.Writer, opts ...Option) error {
	r := newRun(ctx, c, newOptions(opts))
	defer r.stop()
	return r.report(out, true, func(lines *lineWriter) error {
		req, err := r.read(in)
		if err != nil {
			return err
		}
		out := newWire(lines)
		return r.answer(req, out, out)
	})
}

// report runs do with a writer of lines to out. What do fails with is logged,
// is the last line if a platform reads it, and is the error of the run.
func (r *run) report(out io.Writer, platform bool, do func(*lineWriter) error) error {
	lines := newLineWriter(r.ctx, out, r.options.flushGrace)
	var failure *Error
	if err := do(lines); err != nil {
		failure = r.fail(err)
		message := r.redactor.text(failure.Error() + advice(failure))
		r.log.Error(message, "kind", failure.Kind.String())
		if platform {
			// A writer that has failed says so again below.
			_ = newWire(lines).log("SEVERE", message)
		}
	}
	if err := lines.close(); err != nil && failure == nil {
		failure = r.fail(err)
		r.log.Error(failure.Error(), "kind", failure.Kind.String())
	}
	if failure == nil {
		return nil
	}
	return failure
}

// read reads a request, and stops waiting for it when the context is done: a
// reader that blocks is left behind with the goroutine that reads.
func (r *run) read(in io.Reader) (*request, error) {
	type result struct {
		req *request
		err error
	}
	done := make(chan result, 1)
	go func() {
		req, err := readRequest(in)
		done <- result{req, err}
	}()
	var got result
	select {
	case got = <-done:
	case <-r.ctx.Done():
		return nil, context.Cause(r.ctx)
	}
	req, err := got.req, got.err
	if err != nil {
		return nil, err
	}
	if len(req.unknown) > 0 {
		slices.Sort(req.unknown)
		r.log.Debug("the request has fields that mean nothing", "fields", req.unknown)
	}
	return req, nil
}

// answer does what a request asks for. The operations of a sync go to dst.
func (r *run) answer(req *request, out *wire, dst Destination) error {
	if req.action == actionSpec {
		spec, err := Spec(r.connector)
		if err != nil {
			return err
		}
		return out.lines.line(spec)
	}
	configured, unknown, configErr := configure(r.connector, req.secrets, r.redactor)
	if configured == nil {
		return configErr
	}
	r.connector = configured
	for _, name := range unknown {
		r.log.Warn("the configuration has a field that the connector does not know", "field", name)
	}
	switch req.action {
	case actionSchema:
		return r.schema(configErr, out)
	case actionTest:
		return r.test(configErr, out)
	}
	if configErr != nil {
		return configErr
	}
	return r.open(func() error {
		return r.sync(SyncRequest{State: req.state, Selection: req.selection}, dst)
	})
}

// schema answers with the tables. A static schema is there for everyone; one
// that has to be discovered wants the configuration to be right.
func (r *run) schema(configErr error, out *wire) error {
	var tables schema.Schema
	discover := func() error {
		return r.call("Schema", func() (err error) { tables, err = r.connector.Schema(r.ctx); return err })
	}
	var err error
	if configErr == nil {
		err = r.open(discover)
	} else if err = discover(); err != nil {
		// Whatever it says, this came first.
		return configErr
	}
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if tables == nil {
		return errors.New("the connector returned no schema")
	}
	return out.schema(tables)
}

// test answers with what the connector's Test says. Only a run that was told
// to stop has no answer.
func (r *run) test(configErr error, out *wire) error {
	err := configErr
	if err == nil {
		err = r.open(func() error {
			return r.call("Test", func() error { return r.connector.Test(r.ctx) })
		})
	}
	if r.ctx.Err() != nil {
		return errors.Join(context.Cause(r.ctx), err)
	}
	answer := testAnswer{Status: "SUCCESS", Message: "The connection works."}
	if err != nil {
		failure := r.fail(err)
		r.testFailure = failure
		answer = testAnswer{Status: "FAILURE", Message: failure.Error()}
		if failure.Kind == Transient {
			answer.Message += advice(failure)
		}
	}
	return out.encode(answer)
}

type testAnswer struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}
