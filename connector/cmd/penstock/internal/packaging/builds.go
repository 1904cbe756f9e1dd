package packaging

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// builds holds a program's executables in a temporary directory.
type builds struct {
	program *Program
	name    string // of the executables, without .exe
	version string // "" leaves the program's own
	dir     string
	made    map[Platform]string // the paths of the executables
	errOut  io.Writer           // for progress and compile errors
}

// newBuilds returns builds without executables. The caller must call remove.
func newBuilds(p *Program, name, version string, errOut io.Writer) (*builds, error) {
	dir, err := os.MkdirTemp("", "penstock-package-")
	return &builds{p, name, version, dir, map[Platform]string{}, errOut}, err
}

func (b *builds) remove() error { return os.RemoveAll(b.dir) }

// make builds the executable for a platform, unless it exists, and returns its path.
func (b *builds) make(ctx context.Context, platform Platform) (string, error) {
	if path, ok := b.made[platform]; ok {
		return path, nil
	}
	fmt.Fprintf(b.errOut, "Building %s for %s …\n", b.program.ImportPath, platform)
	path := filepath.Join(b.dir, platform.OS, platform.Arch, platform.executable(b.name))
	if err := b.program.Build(ctx, platform, b.version, path, b.errOut); err != nil {
		return "", err
	}
	b.made[platform] = path
	return path, nil
}

// binary returns the executable for this machine.
func (b *builds) binary(ctx context.Context) (*Binary, error) {
	path, err := b.make(ctx, Host())
	return &Binary{Path: path, ImportPath: b.program.ImportPath}, err
}

// file returns the executable for a platform as a file.
func (b *builds) file(ctx context.Context, platform Platform) (File, error) {
	path, err := b.make(ctx, platform)
	if err != nil {
		return File{}, err
	}
	content, err := os.ReadFile(path)
	return File{Content: content, Executable: true}, err
}
