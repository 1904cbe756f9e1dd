package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

func queryCommand(ctx context.Context, args []string, out, _ *console) (err error) {
	o := newOptions("query", out).withFiles()
	format := o.String("format", "table", "table, csv or json")
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() > 1 {
		return &usageError{fmt.Errorf("want one SQL statement in quotes, got %d arguments", o.NArg())}
	}
	if err := checkFormat(*format); err != nil {
		return err
	}
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	found := w.Overview()
	if sql := o.Arg(0); sql != "" {
		if found, err = w.Query(sql); err != nil {
			return withTables(err, w)
		}
	}
	return write(out, found, *format)
}

// withTables adds the names of the tables to the error of a statement that names an
// unknown table.
func withTables(err error, w *warehouse.Warehouse) error {
	if !strings.Contains(err.Error(), "no such table") { // SQLite has no error code for it
		return err
	}
	var names []string
	for _, t := range w.Tables() {
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		return fmt.Errorf("%w; the warehouse has no tables yet", err)
	}
	slices.Sort(names)
	return fmt.Errorf("%w; the tables are %s", err, strings.Join(names, ", "))
}
