package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func syncCommand(ctx context.Context, args []string, out, errOut *console) error {
	o := newOptions("sync", out).forSync()
	if err := o.connector(args); err != nil {
		return err
	}
	return o.sync(ctx, out, errOut)
}

// sync runs a sync and prints the error if it fails.
func (o *options) sync(ctx context.Context, out, errOut *console) error {
	// Without its reader, a sync continues. The signal would end this program alone.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	s := newScreen(out, errOut, o.asJSON, o.verbose)
	sum, err := o.run.sync(ctx, s)
	if err == nil {
		return nil
	}
	if sum == nil && o.asJSON {
		s.summary(&summary{Error: errOut.hidden(err.Error())})
	}
	s.failed(errOut, err.Error())
	return errReported
}
