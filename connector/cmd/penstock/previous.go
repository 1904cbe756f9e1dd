package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
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
	if err := atomicfile.WriteFrom(previous, from, 0o600); err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	return nil
}
