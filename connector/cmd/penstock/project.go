package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/penstock-sdk/penstock/examples"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

const (
	sdkModule      = "github.com/penstock-sdk/penstock"
	toolModule     = sdkModule + "/connector/cmd/penstock"
	fivetranModule = sdkModule + "/connector/fivetran"
)

var projectName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// A project is a new connector.
type project struct {
	dir, name, module string
	sdk               string // a checkout, or ""

	// goMod sets either the versions or the checkout that go.mod names.
	sdkVersion, toolVersion string
	checkout                string
}

// versionNote returns the lines of go.mod that name the SDK, and how to change them.
func (p *project) versionNote() string {
	if p.checkout != "" {
		return fmt.Sprintf(`
Its go.mod names the SDK, which is the checkout in %[4]s:

    require %[1]s v0.0.0
    require %[2]s v0.0.0
    replace %[1]s => %[4]s
    replace %[2]s => %[5]s
    replace %[3]s => %[6]s
    tool %[2]s

The last replacement is for connectors that serve Fivetran. They also need:

    go get %[3]s@v0.0.0

To use this checkout and the tool in another module, run there:

    go mod edit -require=%[1]s@v0.0.0 -replace=%[1]s=%[4]s
    go mod edit -require=%[2]s@v0.0.0 -replace=%[2]s=%[5]s -tool=%[2]s
    go mod edit -replace=%[3]s=%[6]s
    go mod tidy

To use another checkout, run go mod edit -replace=MODULE=DIRECTORY for the three modules.
To use a release, remove the replacements and require its version:

    go mod edit -dropreplace=%[1]s -dropreplace=%[2]s -dropreplace=%[3]s
    go mod edit -require=%[1]s@VERSION -require=%[2]s@VERSION
    go mod tidy
`, sdkModule, toolModule, fivetranModule, p.checkout, within(p.checkout, toolModule), within(p.checkout, fivetranModule))
	}
	return fmt.Sprintf(`
Its go.mod names the SDK:

    require %[1]s %[3]s
    require %[2]s %[4]s
    tool %[2]s

To use another version: go get %[1]s@VERSION %[2]s@VERSION
`, sdkModule, toolModule, p.sdkVersion, p.toolVersion)
}

// within returns the directory of a module of the SDK in a checkout.
func within(checkout, module string) string {
	return filepath.Join(checkout, filepath.FromSlash(strings.TrimPrefix(module, sdkModule)))
}

// make creates the project. If it fails, it removes what it has created.
func (p *project) make(ctx context.Context, errOut *console) (err error) {
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s already exists", p.dir)
	}
	mod, err := p.goMod()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(p.dir))
		}
	}()
	for name, text := range map[string]string{
		"go.mod":     mod,
		".gitignore": "/" + p.name + "\n/configuration.json\n/files/\n",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	// The user will write a secret into this file.
	configuration := []byte("{\"api_key\": \"demo\", \"base_url\": \"http://127.0.0.1:8080\"}\n")
	if err := atomicfile.Write(filepath.Join(p.dir, "configuration.json"), configuration, 0o600); err != nil {
		return err
	}
	if err := p.copyExample(); err != nil {
		return err
	}
	tidy := exec.CommandContext(ctx, "go", "mod", "tidy")
	tidy.Dir, tidy.Stderr = p.dir, errOut
	tidy.WaitDelay = lingering
	tidy.Env = append(os.Environ(), "GOWORK=off")
	if err := tidy.Run(); err != nil {
		return fmt.Errorf("go mod tidy: %w", err)
	}
	return nil
}

// copyExample copies the connector restapi and puts the project's name into its comments.
func (p *project) copyExample() error {
	return fs.WalkDir(examples.RESTAPI, "restapi", func(from string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(p.dir, filepath.FromSlash(strings.TrimPrefix(from, "restapi")))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := examples.RESTAPI.ReadFile(from)
		if err != nil {
			return err
		}
		if path.Ext(from) == ".go" {
			text = []byte(strings.ReplaceAll(string(text), "Command restapi", "Command "+p.name))
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// goMod returns the project's go.mod. It requires the SDK that this program belongs to,
// or the checkout p.sdk.
func (p *project) goMod() (string, error) {
	sdk, tool := versions()
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo 1.26.0\n\ntool %s\n\n", p.module, toolModule)
	if p.sdk == "" && (sdk == "" || tool == "") {
		p.sdk = ownSource()
		if p.sdk == "" {
			return "", errors.New("this program was not built from a release of the SDK: name a checkout of the SDK with -sdk")
		}
	}
	if p.sdk == "" {
		fmt.Fprintf(&b, "require (\n\t%s %s\n\t%s %s\n)\n", sdkModule, sdk, toolModule, tool)
		p.sdkVersion, p.toolVersion = sdk, tool
		return b.String(), nil
	}
	dir, err := filepath.Abs(p.sdk)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "connector", "cmd", "penstock", "go.mod")); err != nil {
		return "", fmt.Errorf("-sdk: %s is not a checkout of the SDK: %w", dir, err)
	}
	fmt.Fprintf(&b, "require (\n\t%s v0.0.0\n\t%s v0.0.0\n)\n\nreplace (\n", sdkModule, toolModule)
	for _, module := range []string{sdkModule, toolModule, fivetranModule} {
		fmt.Fprintf(&b, "\t%s => %s\n", module, within(dir, module))
	}
	b.WriteString(")\n")
	p.checkout = dir
	return b.String(), nil
}

// versions returns the release versions of the SDK and of the tool that this program
// was built from. Each is "" if it was not built from a release.
func versions() (sdk, tool string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Replace != nil || m.Version == "(devel)" || m.Version == "v0.0.0" {
			continue
		}
		switch m.Path {
		case sdkModule:
			sdk = m.Version
		case toolModule:
			tool = m.Version
		}
	}
	return sdk, tool
}

// ownSource returns the checkout that this program was built in, or "" if it was built
// elsewhere.
func ownSource() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return ""
	}
	return dir
}
