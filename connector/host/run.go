package connector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"
)

// A run is one use of a connector: what its methods are called with.
type run struct {
	connector Connector
	options   *options
	redactor  *redactor
	log       *slog.Logger
	ctx       context.Context
	cancel    context.CancelCauseFunc
	abandoned error // the method that did not return in time

	testFailure error // what a test answered, where it was no success
}

func newRun(ctx context.Context, c Connector, o *options) *run {
	r := &run{connector: c, options: o, redactor: cmp.Or(o.redactor, new(redactor))}
	h := o.handler
	if h == nil {
		h = slog.Default().Handler()
	}
	r.log = slog.New(redactingHandler{h, r.redactor})
	r.ctx, r.cancel = context.WithCancelCause(context.WithValue(ctx, loggerKey{}, r.log))
	r.redactor.add(secretsIn(nil, reflect.ValueOf(c), 0))
	return r
}

func (r *run) stop() { r.cancel(context.Canceled) }

type loggerKey struct{}

// Logger returns the log of the run that ctx belongs to: the context that a
// connector's methods are given. Secrets are removed from what it writes.
// Outside a run it is slog.Default.
func Logger(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return l
	}
	return slog.Default()
}

// open runs do between the connector's Open and Close.
func (r *run) open(do func() error) (err error) {
	if o, ok := r.connector.(Opener); ok {
		if err := r.call("Open", func() error { return o.Open(r.ctx) }); err != nil {
			return err
		}
	}
	if c, ok := r.connector.(io.Closer); ok {
		defer func() {
			if r.abandoned != nil {
				return // it is still in use
			}
			if closeErr := r.call("Close", c.Close); closeErr != nil {
				err = errors.Join(err, fmt.Errorf("close: %w", closeErr))
			}
		}()
	}
	return do()
}

// call calls a method of the author's. A panic is an error; once the context
// is done, so is a method that doesn't return within the grace.
func (r *run) call(method string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		// A method may end its goroutine, as t.FailNow does in a test.
		err := fmt.Errorf("%s ended its goroutine", method)
		defer func() { result <- err }()
		err = r.guard(method, f)
	}()
	select {
	case err := <-result:
		return err
	case <-r.ctx.Done():
	}
	timer := time.NewTimer(r.options.grace)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		r.abandoned = fmt.Errorf("%s did not return within %v of being told to: it has to watch its context", method, r.options.grace)
		return errors.Join(context.Cause(r.ctx), r.abandoned)
	}
}

// guard calls f and turns a panic into an error.
func (r *run) guard(what string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(r.log, what, v)
		}
	}()
	return f()
}

// caught makes the error of a panic that was recovered, and logs its stack.
func caught(log *slog.Logger, what string, v any) error {
	err := fmt.Errorf("panic in %s: %v", what, v)
	log.Error(err.Error(), "stack", string(debug.Stack()))
	return &Error{Kind: Defect, Err: err}
}

// fail makes the error of a run: classified, and free of secrets.
func (r *run) fail(err error) *Error {
	e := classified(err)
	if message := e.Error(); r.redactor.text(message) != message {
		return &Error{Kind: e.Kind, Err: &cleanError{r.redactor.text(message), err}}
	}
	return e
}

// A cleanError says what its cause does, without the secrets. The cause stays
// in the chain, so that it can still be told by errors.Is and errors.As.
type cleanError struct {
	text  string
	cause error
}

func (e *cleanError) Error() string { return e.text }

func (e *cleanError) Unwrap() error { return e.cause }
