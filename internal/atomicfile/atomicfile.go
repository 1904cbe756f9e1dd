// Package atomicfile replaces files atomically: a reader sees the old content or
// the new content, never a part of either, even if the process or the machine
// stops in the middle of the write.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Write creates the file at path, or replaces its content. Afterwards the file
// has exactly the permissions of mode, which the umask does not change. To keep
// the permissions of an existing file, pass them.
//
// If path is a symbolic link to an existing file, Write replaces that file and
// keeps the link. It does not follow a link in a directory that every user can
// write to, such as /tmp: another user may have put the link there, so it is an
// error. The directory of the file must exist and must be writable, because the
// new content is first written to a temporary file beside it, which only this
// user can read. The name of that file starts with a dot.
//
// If Write fails, the file is unchanged and the temporary file is removed.
// Concurrent calls for one path are safe. One of them wins.
func Write(path string, content []byte, mode fs.FileMode) error {
	return WriteFrom(path, bytes.NewReader(content), mode)
}

// WriteSecret is like Write, but writes into an existing file if the file cannot be
// replaced. That is so if it is mounted on its own, as into a container, or if its
// directory is not writable. It is for content that cannot be obtained again: the risk of
// a crash in the middle of the write is smaller than that of losing it.
func WriteSecret(path string, content []byte, mode fs.FileMode) error {
	replacing := Write(path, content, mode)
	if replacing == nil {
		return nil
	}
	path, err := target(path)
	if err != nil {
		return replacing
	}
	if err := overwrite(path, content); err != nil {
		return replacing // overwrite fails for the same reason, or the file does not exist
	}
	return nil
}

// overwrite writes the content into an existing file.
func overwrite(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content) // first, so that the file is never empty
	if err == nil {
		err = f.Truncate(int64(len(content)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// WriteFrom is like [Write] with the content that it reads from r until EOF. If r
// fails, so does WriteFrom.
func WriteFrom(path string, r io.Reader, mode fs.FileMode) error {
	path, err := target(path)
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	// In the same directory, because a rename across file systems fails.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	if err = errors.Join(fill(temp, r, mode), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}

// target returns the path of the file to replace, which differs from path if path is a
// symbolic link to an existing file.
func target(path string) (string, error) {
	file := path
	for range 40 { // as many links as Linux follows
		info, err := os.Lstat(file)
		if err != nil { // the file is new, or the link leads nowhere and is replaced itself
			return path, nil //nolint:nilerr // writing the file reports other errors
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return file, nil
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(file))
		if err != nil {
			return path, err
		}
		if shared(dir) {
			return path, fmt.Errorf("%s is a symbolic link in a directory that every user can write to: remove the link, or choose another directory", file)
		}
		to, err := os.Readlink(file)
		if err != nil {
			return path, err
		}
		if file = to; !filepath.IsAbs(to) {
			file = filepath.Join(dir, to)
		}
	}
	return path, errors.New("too many symbolic links")
}

// shared reports whether every user can write to a directory.
func shared(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && runtime.GOOS != "windows" && info.Mode()&0o002 != 0
}

// fill writes the content and flushes it to the disk. Without the flush, the
// rename may reach the disk before the content does.
func fill(f *os.File, r io.Reader, mode fs.FileMode) error {
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Sync()
}
