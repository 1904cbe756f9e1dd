package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
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
		return told(ctx, err)
	case <-ctx.Done():
	}
	timer := time.NewTimer(r.options.grace)
	defer timer.Stop()
	select {
	case err := <-result:
		return told(ctx, err)
	case <-timer.C:
		r.abandoned = fmt.Errorf("%s did not return within %v of being told to: it has to watch its context", method, r.options.grace)
		return errors.Join(context.Cause(ctx), r.abandoned)
	}
}

// told returns why ctx ended in place of an error that only says that it did.
func told(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) && !is(err, context.Cause(ctx)) {
		return context.Cause(ctx)
	}
	return err
}

// is is errors.Is for a target that may be of a type whose values cannot be
// compared.
func is(err, target error) bool {
	return reflect.ValueOf(target).Comparable() && errors.Is(err, target)
}

// guard calls f and turns a panic into an error, whose stack it logs.
func guard(log *slog.Logger, what string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(log, what, v)
		}
	}()
	if err = f(); err != nil && isNil(err) {
		err = fmt.Errorf("%s returned a nil %T as its error: it has to return nil itself", what, err)
	}
	return err
}

// isNil reports whether an error is a nil pointer, whose methods may panic.
func isNil(err error) bool {
	v := reflect.ValueOf(err)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// caught makes the error of a panic that was recovered, and logs its stack.
func caught(log *slog.Logger, what string, v any) error {
	err := connector.Errorf(connector.Defect, "panic in %s: %v", what, v)
	log.Error(err.Error(), "stack", string(debug.Stack()))
	return err
}
