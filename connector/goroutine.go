package connector

import (
	"context"
	"runtime/debug"

	"github.com/penstock-sdk/penstock/connector/internal/goroutines"
)

// Go calls each function in a goroutine of its own. The function wait waits until
// all of them have returned, and returns the first error. Call wait before the
// method that called Go returns, even if the method fails:
//
//	wait := connector.Go(ctx, c.readEurope, c.readAsia)
//	return errors.Join(c.readAmerica(ctx), wait())
//
// The context of the functions is derived from ctx. It is canceled when one of them
// returns an error, with that error as its cause, and when all of them have
// returned. A function must return once its context is done.
//
// A panic in a function becomes an error of kind [Defect], and its stack is written
// to the log of the run. A call of runtime.Goexit also becomes such an error. In
// contrast, a panic in a goroutine that a go statement started ends the process.
//
// If Sync returns before wait has returned, the sync fails: with an error of kind
// Defect if a function is still running, otherwise with the error that wait would
// have returned. The same applies to a [TableFunc], whose table then fails. The
// contexts of the remaining functions are canceled, and the connector is not closed
// before they have returned. Functions that Open starts may run until the connector
// is closed or the context of the run is done.
//
// Go and wait are safe for concurrent use. Wait may be called several times. Outside
// a run, Go works in the same way, and a panic is written to slog.Default().
func Go(ctx context.Context, functions ...func(ctx context.Context) error) (wait func() error) {
	group := goroutines.From(ctx).Start(len(functions))
	ctx, cancel := context.WithCancelCause(ctx)
	for _, f := range functions {
		go func() {
			// This error remains if the function calls runtime.Goexit, as t.FailNow
			// does in a test.
			err := Errorf(Defect, "a goroutine called runtime.Goexit")
			defer func() {
				if v := recover(); v != nil {
					err = Errorf(Defect, "panic in a goroutine: %v", v)
					Logger(ctx).Error(err.Error(), "stack", string(debug.Stack()))
				}
				first, last := group.End(err)
				if first || last {
					cancel(err)
				}
			}()
			err = f(ctx)
		}()
	}
	return func() error {
		defer cancel(nil)
		return group.Wait()
	}
}
