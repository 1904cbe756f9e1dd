package warehouse

import (
	"path/filepath"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/private"
)

// Secure creates the directory of a warehouse and keeps its files from other users. If
// create is true, it also creates the file, empty. The notes are for a person and name
// what others could read or replace.
func Secure(path string, create bool) (notes []string, err error) {
	note, err := private.Dir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	notes = append(notes, note)
	for i, name := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		note, err := private.File(name, create && i == 0)
		if err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	var found []string
	for _, note := range notes {
		if note != "" {
			found = append(found, note)
		}
	}
	return found, nil
}

// check returns an error if another user may have created one of a warehouse's files.
func check(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := private.Check(name); err != nil {
			return err
		}
	}
	return nil
}

// uri returns the URI of a file that exists. SQLite gives its log and its journal the
// permissions of the file, but not the file that readers and writers share: so this
// function creates that one.
func uri(path string, parameters ...string) string {
	// SQLite reports the error if it cannot create the file either. It may not need it.
	_, _ = private.File(path+"-shm", true)
	path = escapePath(path)
	return "file:" + path + "?" + strings.Join(append(parameters, "modeof="+path), "&")
}

// escapePath escapes a path for use in a SQLite URI.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23", "&", "%26").Replace(filepath.ToSlash(path))
}
