package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// open calls the connector's Open, once. It waits for it until ctx is done, and
// then tells the whole run to end.
func (r *Run) open(ctx context.Context) error {
	if r.opened {
		return nil
	}
	if o, ok := r.connector.(connector.Opener); ok {
		if ctx != r.ctx {
			stop := context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })
			defer stop()
		}
		if err := r.call(ctx, "Open", func() error { return o.Open(r.ctx) }); err != nil {
			return err
		}
	}
	r.opened = true
	return nil
}

// call calls a method of the author's. A panic is an error. So is a method that
// does not return within the grace once the context is done: it is abandoned.
func (r *Run) call(ctx context.Context, method string, f func() error) error {
	if r.abandoned != nil {
		return r.abandoned
	}
	result := make(chan error, 1)
	go func() {
		// A method may end its goroutine, as t.FailNow does in a test.
		err := fmt.Errorf("%s called runtime.Goexit", method)
		defer func() { result <- err }()
		err = guard(r.log, method, f)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(r.options.grace)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		r.abandoned = fmt.Errorf("%s did not return within %v of being told to: it has to watch its context", method, r.options.grace)
		return errors.Join(context.Cause(ctx), r.abandoned)
	}
}

// guard calls f and turns a panic into an error, whose stack it logs.
func guard(log *slog.Logger, what string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = connector.Errorf(connector.Defect, "panic in %s: %v", what, v)
			log.Error(err.Error(), "stack", string(debug.Stack()))
		}
	}()
	return f()
}
