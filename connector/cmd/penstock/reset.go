package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

func resetCommand(_ context.Context, args []string, out, _ *console) error {
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
	err = errors.Join(removeFiles(&o.run), lock.Release()) // no sync may begin in between
	if err == nil {
		err = remove(o.run.lockPath()) // Windows does not remove a file that is open
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "deleted the warehouse and the state in %s; the next sync starts from the beginning\n", o.run.dir)
	return nil
}

// removeFiles removes the warehouse, its copy and the state.
func removeFiles(r *run) error {
	paths := []string{r.statePath()}
	for _, path := range []string{r.warehousePath(), r.previousPath()} {
		paths = append(paths, path, path+"-wal", path+"-shm")
	}
	for _, path := range paths {
		if err := remove(path); err != nil {
			return err
		}
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
