package packaging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A Program is a Go package whose main function calls penstock.Main.
type Program struct {
	// ImportPath is the import path of the package.
	ImportPath string
	// ModulePath is the path of the module that contains the package.
	ModulePath string

	dir string // of the package
}

// Find returns the program that pkg names: a directory, or an import path that the go
// command resolves in the current directory. It is an error if pkg names no package,
// several packages, or a package that is not a program. The go command prints its own
// errors to errOut.
func Find(ctx context.Context, pkg string, errOut io.Writer) (*Program, error) {
	dir := ""
	if info, err := os.Stat(pkg); err == nil && info.IsDir() {
		dir, pkg = pkg, "." // it may belong to another module than the current directory
	}
	cmd := goCommand(ctx, Host(), dir, errOut, "list", "-json=ImportPath,Name,Dir,Module", "--", pkg)
	listed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", cause(ctx, err))
	}
	var found struct {
		ImportPath, Name, Dir string
		Module                struct{ Path string }
	}
	dec := json.NewDecoder(bytes.NewReader(listed))
	switch err := dec.Decode(&found); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s matches no package", pkg)
	case err != nil:
		return nil, fmt.Errorf("read the output of go list: %w", err)
	case dec.More():
		return nil, fmt.Errorf("%s matches several packages; want one", pkg)
	case found.Name != "main":
		return nil, fmt.Errorf("package %s is not a program: its name is %s, want main", found.ImportPath, found.Name)
	case found.ImportPath == "command-line-arguments":
		return nil, fmt.Errorf("%s is a file; want the package that contains it, such as %s", pkg, filepath.ToSlash(filepath.Dir(pkg)))
	}
	return &Program{ImportPath: found.ImportPath, ModulePath: found.Module.Path, dir: found.Dir}, nil
}

// goCommand returns a subcommand of go that runs in dir and builds plain executables for
// a platform, regardless of the environment. When ctx is done, the command is
// interrupted, so that it can remove its temporary files.
func goCommand(ctx context.Context, platform Platform, dir string, errOut io.Writer, subcommand string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{subcommand}, plainBuild, args)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+platform.OS, "GOARCH="+platform.Arch)
	cmd.Dir, cmd.Stderr = dir, errOut
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// cause returns the cause of the end of ctx if ctx is done, otherwise err.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// LastElement returns the last element of the import path that is not a major version:
// "shop" for example.com/shop/v2.
func (p *Program) LastElement() string {
	last := path.Base(p.ImportPath)
	if before := path.Dir(p.ImportPath); majorVersion.MatchString(last) && before != "." {
		return path.Base(before)
	}
	return last
}

// plainBuild holds build flags that undo those in GOFLAGS which build another kind of
// executable, or none.
var plainBuild = []string{"-race=false", "-msan=false", "-asan=false", "-cover=false", "-n=false", "-buildmode=default"}

// versionVariable is the variable of package host that holds the version of a program.
const versionVariable = "github.com/penstock-sdk/penstock/connector/host.linkedVersion"

// Build compiles the program into the file out. The same source, Go version and
// platform always yield the same bytes: the file contains no path of this machine and
// no state of a repository. A version other than "" is what the program's command
// version prints. The go command prints compile errors to errOut.
func (p *Program) Build(ctx context.Context, platform Platform, version, out string, errOut io.Writer) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	ldflags := "-s -w"
	if version != "" {
		ldflags += " -X " + versionVariable + "=" + version
	}
	cmd := goCommand(ctx, platform, p.dir, errOut, "build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags, "-o", out, ".")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build %s for %s: %w", p.ImportPath, platform, cause(ctx, err))
	}
	return nil
}

var versionPattern = regexp.MustCompile(`^[0-9A-Za-z_][0-9A-Za-z_.+-]{0,127}$`)

// CheckVersion returns an error if v is not a version that [Program.Build] accepts.
func CheckVersion(v string) error {
	if !versionPattern.MatchString(v) {
		return fmt.Errorf("invalid version %q: want letters, digits and the characters _ . + -, such as 1.2.3", pasted.Mask(v))
	}
	return nil
}

// documentation returns the address of the module's page on its code host. It reports
// false if the module's path does not begin with a host.
func (p *Program) documentation() (string, bool) {
	first, _, _ := strings.Cut(p.ModulePath, "/")
	return "https://" + p.ModulePath, strings.Contains(first, ".")
}
