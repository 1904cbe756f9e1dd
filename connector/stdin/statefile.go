package stdin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A stateFile is a destination that also saves the last state in a file. It writes
// the file after the lines that the state covers.
type stateFile struct {
	host.Destination
	lines *host.LineWriter
	path  string
}

// Write implements [host.Destination].
func (f stateFile) Write(op *host.Operation) error {
	if err := f.Destination.Write(op); err != nil || op.Kind != host.OpCheckpoint {
		return err
	}
	if err := f.lines.Flush(); err != nil {
		return err
	}
	if err := replaceContent(f.path, append(bytes.Clone(op.State), '\n'), 0o600); err != nil {
		kind := connector.Configuration // the place of the file
		if connector.KindOf(err) == connector.Transient {
			kind = connector.Transient
		}
		return connector.Errorf(kind, "save the state: %w", err)
	}
	return nil
}

// replaceContent replaces the content of a file. Even if the machine crashes, the
// file holds either the old or the new content. If path is a symbolic link, the
// file it points to is replaced.
func replaceContent(path string, content []byte, mode os.FileMode) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if _, err := temp.Write(content); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := errors.Join(temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return nil
}
