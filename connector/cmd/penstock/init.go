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
)

const (
	sdkModule   = "github.com/penstock-sdk/penstock"
	debugModule = sdkModule + "/connector/cmd/penstock"
)

var projectName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

func initCommand(ctx context.Context, args []string, out, errOut *os.File) error {
	o := newOptions("init", errOut)
	module := o.String("module", "", "the `path` of the new module; the default is NAME")
	sdk := o.String("sdk", "", "a `directory` with a checkout of the SDK, to build with it instead of the release that debug is of")
	if err := o.Parse(args); err != nil {
		return err
	}
	if o.NArg() != 1 || !projectName.MatchString(filepath.Base(o.Arg(0))) {
		return errors.New("want the name of the connector, of lower case letters, digits, - and _: debug init shop")
	}
	dir := o.Arg(0)
	p := &project{dir: dir, name: filepath.Base(dir), module: *module, sdk: *sdk}
	if p.module == "" {
		p.module = p.name
	}
	if err := p.make(ctx, errOut); err != nil {
		return err
	}
	fmt.Fprintf(out, `%[1]s is a connector for the demo API. Its tests pass:

    cd %[1]s
    go test ./...

To see its tables, start the demo API in another window, and then the connector:

    go run %[3]s/examples/restapi/demoapi -addr 127.0.0.1:8080
    go build -o %[2]s . && go tool debug -- ./%[2]s
`, dir, p.name, sdkModule)
	return nil
}

// A project is a connector that is to be.
type project struct {
	dir, name, module string
	sdk               string // a checkout, or ""
}

// make makes the project as a whole or not at all.
func (p *project) make(ctx context.Context, errOut *os.File) (err error) {
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", p.dir)
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
		"go.mod":             mod,
		".gitignore":         "/" + p.name + "\n/configuration.json\n/files/\n",
		"configuration.json": "{\"api_key\": \"demo\", \"base_url\": \"http://127.0.0.1:8080\"}\n",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := p.copyExample(); err != nil {
		return err
	}
	tidy := exec.CommandContext(ctx, "go", "mod", "tidy")
	tidy.Dir, tidy.Stderr = p.dir, errOut
	tidy.Env = append(os.Environ(), "GOWORK=off")
	if err := tidy.Run(); err != nil {
		return fmt.Errorf("go mod tidy: %w", err)
	}
	return nil
}

// copyExample copies the connector restapi, under the project's name.
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

// goMod returns the project's go.mod, which asks for the SDK that debug is of.
func (p *project) goMod() (string, error) {
	sdk, tool := versions()
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo 1.26.0\n\ntool %s\n\n", p.module, debugModule)
	if p.sdk == "" && (sdk == "" || tool == "") {
		p.sdk = ownSource()
		if p.sdk == "" {
			return "", errors.New("this debug was built from no release: name a checkout of the SDK by -sdk")
		}
	}
	if p.sdk == "" {
		fmt.Fprintf(&b, "require (\n\t%s %s\n\t%s %s\n)\n", sdkModule, sdk, debugModule, tool)
		return b.String(), nil
	}
	dir, err := filepath.Abs(p.sdk)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "connector", "cmd", "penstock", "go.mod")); err != nil {
		return "", fmt.Errorf("-sdk: this is no checkout of the SDK: %w", err)
	}
	fmt.Fprintf(&b, "require (\n\t%s v0.0.0\n\t%s v0.0.0\n)\n\nreplace (\n\t%s => %s\n\t%s => %s\n)\n",
		sdkModule, debugModule, sdkModule, dir, debugModule, filepath.Join(dir, "connector", "cmd", "penstock"))
	return b.String(), nil
}

// versions returns the releases of the SDK and of debug that this program was
// built of, or "".
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
		case debugModule:
			tool = m.Version
		}
	}
	return sdk, tool
}

// ownSource returns the checkout that this program was built in, or "".
func ownSource() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return ""
	}
	return dir
}
