package main

import (
	"context"
	"errors"
	"fmt"
)

func summaryCommand(ctx context.Context, args []string, out, errOut *console) (err error) {
	o := newOptions("summary", out).withFiles()
	o.BoolVar(&o.asJSON, "json", false, "print the summary as JSON, for scripts")
	if err := o.parseAlone(args); err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	text, err := w.Summary()
	if err != nil {
		return err
	}
	if o.asJSON {
		_, err = fmt.Fprintln(out.machine("json"), text)
		return err
	}
	sum, err := readSummary(text)
	if err != nil {
		return err
	}
	s := newScreen(out, errOut, false, false)
	s.summary(sum)
	if sum.Error != "" {
		s.failed(s.out, sum.Error)
	}
	return nil
}
