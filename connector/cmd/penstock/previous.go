package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

// keepPrevious copies the warehouse before a sync, so that diff can compare the two. If
// there is no warehouse yet, keepPrevious removes the copy.
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
	defer from.Close() // the file is only read, so an error does not matter
	to, err := os.CreateTemp(filepath.Dir(previous), ".previous-*")
	if err != nil {
		return err
	}
	if _, err = io.Copy(to, from); err == nil {
		err = to.Close()
	} else {
		err = errors.Join(err, to.Close())
	}
	if err == nil {
		err = os.Rename(to.Name(), previous)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("copy %s: %w", path, err), os.Remove(to.Name()))
	}
	return nil
}
