package main

import (
	"context"
	"os"
)

func syncCommand(ctx context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("sync", out).forSync()
	if err := o.connector(args); err != nil {
		return err
	}
	return o.sync(ctx, out, errOut)
}

// sync runs a sync and prints the error if it fails.
func (o *options) sync(ctx context.Context, out, errOut *os.File) error {
	s := newScreen(out, errOut, o.asJSON, o.verbose)
	sum, err := o.run.sync(ctx, s)
	if err == nil {
		return nil
	}
	if sum == nil && o.asJSON {
		s.summary(&summary{Error: err.Error()})
	}
	s.print(errOut, s.paint(red, "failed: ")+err.Error()+"\n")
	return errReported
}
