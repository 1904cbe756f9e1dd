// Package private keeps files from other users of the machine: files with rows of
// customers, and files with secrets. The user's umask does not matter.
//
// A directory that every user can write to, such as /tmp, needs more care, because
// another user may have created a file or a symbolic link there under the name that this
// program uses. There, a name must be that of a regular file that belongs to this user and
// has no other name.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir creates a directory and its parents if they do not exist. It is an error if somebody
// else may have put the directory there. Only this user can read
// a directory that it creates. An existing directory does not change. The note is for a
// person and says that others can replace its files. It is "" if they cannot.
func Dir(path string) (note string, err error) {
	if err := checkDir(path); err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(path, 0o700); err != nil {
			return "", err
		}
		return "", os.Chmod(path, 0o700) //nolint:gosec // a directory; the umask may have removed permissions
	case err != nil:
		return "", err
	case shared(info) && info.Mode()&fs.ModeSticky == 0:
		return fmt.Sprintf("every user can replace the files in the directory %s; to prevent it: chmod o-w %[1]s", path), nil
	}
	return "", nil
}

// File makes a file readable for this user alone. If the file does not exist and create is
// true, File creates it, empty. The note is for a person and says that others could read
// the file. It is "" if they could not. It is an error if another user may have created the
// file.
func File(path string, create bool) (note string, err error) {
	if err := checkDir(filepath.Dir(path)); err != nil {
		return "", err
	}
	if create {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // follows no link
		if err == nil {
			return "", errors.Join(f.Chmod(0o600), f.Close())
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	if err := Check(path); err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) { // or a link that leads nowhere
		return "", nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return "", err
	}
	mode := info.Mode().Perm()
	if !Readable(info) {
		return "", nil
	}
	if os.Chmod(path, mode&0o700) == nil {
		return fmt.Sprintf("other users could read %s, whose mode was %04o; it is now %04o", path, mode, mode&0o700), nil
	}
	return fmt.Sprintf("other users can read %s, whose mode is %04o and cannot be changed", path, mode), nil
}

// Check returns an error if a file is in a directory that every user can write to, and
// another user may have created it. It returns nil if the file does not exist.
func Check(path string) error {
	if err := checkDir(filepath.Dir(path)); err != nil {
		return err
	}
	info := inShared(path)
	switch {
	case info == nil:
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		return CheckLink(path)
	case !info.Mode().IsRegular():
		return planted(path, "it is not a regular file")
	case !own(info):
		return planted(path, "it belongs to another user or has another name")
	}
	return nil
}

// checkDir returns an error if a directory is in one that every user can write to, and
// somebody else may have put it there. It returns nil if the directory does not exist.
func checkDir(path string) error {
	path, err := filepath.Abs(path) // the parent of . is not .
	if err != nil {
		return err
	}
	info := inShared(path)
	switch {
	case info == nil:
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		return planted(path, "it is a symbolic link")
	case info.IsDir() && !ours(info):
		return planted(path, "it belongs to another user")
	}
	return nil
}

// inShared describes a file in a directory that every user can write to. It returns nil for
// all others, and if there is an error, which opening the file will report.
func inShared(path string) fs.FileInfo {
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil || !shared(dir) {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil
	}
	return info
}

// CheckLink is like [Check] for a file that may belong to another user, such as one that is
// only read: it must not be a symbolic link.
func CheckLink(path string) error {
	if info := inShared(path); info != nil && info.Mode()&fs.ModeSymlink != 0 {
		return planted(path, "it is a symbolic link")
	}
	return nil
}

func planted(path, reason string) error {
	return fmt.Errorf("%s is in a directory that every user can write to, and %s: remove it, or choose another directory", path, reason)
}
