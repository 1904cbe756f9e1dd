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

// beginFrom returns the state from which a sync resumes. By default, it is the
// warehouse's state, which was committed together with the rows. The state file is a
// copy of it. If the file was edited or removed since, edited is true and the file's
// state is returned, or "". Rows that are delivered again are replaced.
func beginFrom(w *warehouse.Warehouse, path string) (state string, edited bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if w.Mirrored("") {
			return w.State(), false, nil
		}
		return "", w.State() != "", nil // it was written, and then removed
	}
	if err != nil {
		return "", false, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return "", false, fmt.Errorf("%s: want a state, which is a JSON object%s", path, invalidAt(err))
	}
	if w.Mirrored(string(text)) {
		return w.State(), false, nil
	}
	return string(text), true, nil
}

// mirror writes the warehouse's state to the state file, atomically.
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
