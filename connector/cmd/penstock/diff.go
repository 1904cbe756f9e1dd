package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

func diffCommand(ctx context.Context, args []string, out, _ *console) (err error) {
	o := newOptions("diff", out).withFiles()
	format := o.String("format", "table", "table, csv or json")
	limit := o.Int("limit", 20, "the maximum number of rows printed per table; 0 prints all")
	if err := o.parseAlone(args); err != nil {
		return err
	}
	if err := checkFormat(*format); err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := os.Stat(o.run.previousPath()); errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is nothing to compare with: the warehouse holds only one sync; run sync again first")
	}
	changes, err := w.Diff(o.run.previousPath())
	if err != nil {
		return err
	}
	for _, c := range changes {
		if *format == "table" {
			fmt.Fprintf(out, "%s: %s added, %d changed, %d gone\n", name(c.Table), plural(int(c.Added), "row"), c.Changed, c.Gone)
		}
		if c.Added+c.Changed+c.Gone == 0 {
			continue
		}
		sql := c.SQL
		if *limit > 0 {
			sql += fmt.Sprintf(" LIMIT %d", *limit)
		}
		found, err := w.Query(sql)
		if err != nil {
			return err
		}
		if err := write(out, found, *format); err != nil {
			return err
		}
		if *format == "table" {
			fmt.Fprintln(out)
		}
	}
	return nil
}
