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

// open calls the connector's Open, once. If ctx ends while Open is running, the
// whole run is told to end.
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

// call calls a method of the connector and turns a panic into an error. If the
// method does not return within the grace period after ctx is done, call
// abandons it and returns an error. If the method is waiting for the destination, the
// period begins when the destination is free, and if that does not happen, the error
// says so.
func (r *Run) call(ctx context.Context, method string, f func() error) error {
	if r.abandoned != nil {
		return r.abandoned
	}
	result := make(chan error, 1)
	go func() {
		// This error remains if the method calls runtime.Goexit, as t.FailNow
		// does in a test.
		err := fmt.Errorf("%s called runtime.Goexit", method)
		defer func() { result <- err }()
		err = guard(r.log, method, f)
	}()
	select {
	case err := <-result:
		return cancellation(ctx, err)
	case <-ctx.Done():
	}
	for again := false; ; again = true {
		timer := time.NewTimer(r.options.grace)
		select {
		case err := <-result:
			timer.Stop()
			return cancellation(ctx, err)
		case <-timer.C:
		}
		waited, free := r.awaitDestination()
		switch {
		case !free:
			r.abandoned = errStuck
			return errors.Join(context.Cause(ctx), errStuck)
		case !waited || again:
			r.abandoned = fmt.Errorf("%s did not return within %v after its context was done; it must return when its context is done", method, r.options.grace)
			return errors.Join(context.Cause(ctx), r.abandoned)
		}
	}
}

// cancellation returns the cause of ctx instead of an error that says only that
// ctx was canceled.
func cancellation(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) && !is(err, context.Cause(ctx)) {
		return context.Cause(ctx)
	}
	return err
}

// is works like errors.Is, but accepts a target whose type is not comparable.
func is(err, target error) bool {
	return reflect.ValueOf(target).Comparable() && errors.Is(err, target)
}

// guard calls f. It turns a panic into an error and logs the stack.
func guard(log *slog.Logger, what string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(log, what, v)
		}
	}()
	if err = f(); err != nil && isNil(err) {
		err = fmt.Errorf("%s returned a nil %T as an error; it must return an untyped nil", what, err)
	}
	return err
}

// isNil reports whether err holds a nil pointer. Its methods may panic.
func isNil(err error) bool {
	v := reflect.ValueOf(err)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// caught returns an error for a recovered panic and logs the stack.
func caught(log *slog.Logger, what string, v any) error {
	err := connector.Errorf(connector.Defect, "panic in %s: %v", what, v)
	log.Error(err.Error(), "stack", string(debug.Stack()))
	return err
}
