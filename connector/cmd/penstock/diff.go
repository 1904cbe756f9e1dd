package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// keepPrevious copies the warehouse before a sync, for diff to compare with. A
// warehouse that there is not yet has no copy.
func keepPrevious(path, previous string) error {
	if err := warehouse.Settle(path); err != nil {
		return err
	}
	from, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return remove(previous)
	}
	if err != nil {
		return err
	}
	defer from.Close() // which was only read
	if err := atomicfile.WriteFrom(previous, from, 0o600); err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	return nil
}

func diffCommand(ctx context.Context, args []string, out, _ *os.File) (err error) {
	o := newOptions("diff", out).withFiles()
	format := o.String("format", "table", "table, csv or json")
	limit := o.Int("limit", 20, "how many rows of each table are shown; 0 is all")
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
		return errors.New("there is nothing to compare with: the warehouse has seen one sync")
	}
	changes, err := w.Diff(o.run.previousPath())
	if err != nil {
		return err
	}
	for _, c := range changes {
		if *format == "table" {
			fmt.Fprintf(out, "%s: %s added, %d changed, %d gone\n", c.Table, plural(int(c.Added), "row"), c.Changed, c.Gone)
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
