package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

func resetCommand(_ context.Context, args []string, out, _ *os.File) error {
	o := newOptions("reset", out).withFiles()
	if err := o.parseAlone(args); err != nil {
		return err
	}
	if _, err := os.Stat(o.run.dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := warehouse.TakeLock(o.run.lockPath())
	if err != nil {
		return err
	}
	if err := lock.Release(); err != nil {
		return err
	}
	for _, path := range []string{o.run.warehousePath(), o.run.previousPath(), o.run.lockPath()} {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := remove(path + suffix); err != nil {
				return err
			}
		}
	}
	if err := remove(o.run.statePath()); err != nil {
		return err
	}
	fmt.Fprintf(out, "deleted the warehouse and the state in %s; the next sync starts from the beginning\n", o.run.dir)
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
