package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// beginFrom returns the state that a sync goes on from. It is that of the
// warehouse, which was committed together with the rows; the file beside it
// follows. If the file was edited or removed since, that counts: rows that come
// again are replaced.
func beginFrom(w *warehouse.Warehouse, path string) (state string, edited bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if w.Mirrored("") {
			return w.State(), false, nil
		}
		return "", w.State() != "", nil // it was there, and someone removed it
	}
	if err != nil {
		return "", false, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return "", false, fmt.Errorf("%s: want the JSON object of a state: %w", path, err)
	}
	if w.Mirrored(string(text)) {
		return w.State(), false, nil
	}
	return string(text), true, nil
}

// mirror writes the warehouse's state to the file beside it, as a whole or not at
// all.
func mirror(w *warehouse.Warehouse, path string) error {
	if w.State() == "" {
		return nil
	}
	if err := w.Mirroring(); err != nil {
		return err
	}
	if err := atomicfile.Write(path, []byte(w.State()), 0o600); err != nil {
		return err
	}
	return w.MirroredNow()
}
