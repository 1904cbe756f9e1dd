package packaging

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// A Folder holds the files of a directory by their path, with slashes.
type Folder map[string]File

// A File is a file of a [Folder].
type File struct {
	Content    []byte
	Executable bool
	Private    bool // only its owner may read it
}

func text(content string) File { return File{Content: []byte(content)} }

// CheckTarget returns an error if [Folder.Write] would refuse to write to dir.
func CheckTarget(dir string, force bool) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case !force:
		return fmt.Errorf("%s already exists; to replace the files that this command writes, use -force", dir)
	}
	return nil
}

// Write creates dir with the files. If dir exists, it is an error unless force is true:
// then Write replaces the files, one by one, and keeps all others. Each file is written
// in full before it appears under its name. If dir does not exist, all files appear at
// once.
func (f Folder) Write(dir string, force bool) (err error) {
	if err := CheckTarget(dir, force); err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// The files are renamed into place, which fails across file systems.
	_, statErr := os.Stat(dir)
	exists, near := statErr == nil, dir
	if err := f.checkPaths(dir); err != nil {
		return err
	}
	if !exists {
		near = filepath.Dir(dir)
		if err := os.MkdirAll(near, 0o755); err != nil {
			return err
		}
	}
	temp, err := os.MkdirTemp(near, ".penstock.*.tmp")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := f.fill(temp); err != nil {
		return err
	}
	if exists {
		return f.move(temp, dir)
	}
	return os.Rename(temp, dir)
}

// Strays returns the files in a directory within dir, such as "bin", that are not of the
// folder, by their paths within dir.
func (f Folder) Strays(dir, within string) (paths []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, within))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		path := within + "/" + entry.Name()
		if _, ours := f[path]; !ours {
			paths = append(paths, path)
		}
	}
	return paths, err
}

// checkPaths returns an error if a directory of dir is where a file belongs, or the other
// way around. [Folder.move] would otherwise replace only some of the files.
func (f Folder) checkPaths(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a directory; remove it, or choose another directory with -o", path)
		}
		within := filepath.Dir(path)
		if info, err := os.Stat(within); within != dir && err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a directory; remove it, or choose another directory with -o", within)
		}
	}
	return nil
}

// fill writes the files into dir.
func (f Folder) fill(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // a directory that others may read
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		path, mode := filepath.Join(dir, filepath.FromSlash(name)), fs.FileMode(0o644)
		switch {
		case f[name].Executable:
			mode = 0o755
		case f[name].Private:
			mode = 0o600
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f[name].Content, mode); err != nil {
			return err
		}
	}
	return nil
}

// move moves the files from one directory to another.
func (f Folder) move(from, to string) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		name = filepath.FromSlash(name)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}
