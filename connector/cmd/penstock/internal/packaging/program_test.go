package packaging_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

func TestFindReportsWhatIsNotOneProgram(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":          "module example.com/bad\n\ngo 1.26\n",
		"library/lib.go":  "package library\n",
		"broken/main.go":  "package main\n\nfunc main() { x := 1 }\n",
		"program/main.go": "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(module, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	for pkg, want := range map[string]string{
		module + "/library":         "package example.com/bad/library is not a program: its name is library, want main",
		module:                      "no Go files in",
		module + "/nowhere":         "go list: exit status 1",
		"archive/...":               "matches several packages; want one",
		"testdata/everyfield/*.go":  "go list: exit status 1",
		"airbyte.go":                "is not a program",
		"testdata/everyfield/x":     "go list: exit status 1",
		module + "/program/main.go": "is a file; want the package that contains it",
	} {
		var errOut strings.Builder
		_, err := packaging.Find(t.Context(), pkg, &errOut)
		require.Error(t, err, pkg)
		assert.Contains(t, errOut.String()+err.Error(), want, pkg)
	}

	var errOut strings.Builder
	p, err := packaging.Find(t.Context(), filepath.Join(module, "broken"), &errOut)
	require.NoError(t, err, errOut.String())
	assert.Equal(t, "example.com/bad/broken", p.ImportPath)
	assert.Equal(t, "example.com/bad", p.ModulePath)
	err = p.Build(t.Context(), packaging.Host(), "", filepath.Join(t.TempDir(), "x"), &errOut)
	assert.EqualError(t, err, fmt.Sprintf("go build example.com/bad/broken for %s: exit status 1", packaging.Host()))
	assert.Contains(t, errOut.String(), "declared and not used: x", "the compiler's output")
}

func TestABuildIgnoresTheSettingsOfOtherBuilds(t *testing.T) {
	for name, value := range map[string]string{
		"GOFLAGS": "-race -cover -n -buildmode=c-archive -buildvcs=true -ldflags=-X=main.x=1", "GOOS": "windows", "GOARCH": "riscv64", "CGO_ENABLED": "1",
	} {
		t.Setenv(name, value)
	}
	module := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/plain\n\ngo 1.26\n", "main_" + runtime.GOOS + ".go": "package main\n\nfunc main() {}\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(module, name), []byte(content), 0o600))
	}
	var errOut strings.Builder
	p, err := packaging.Find(t.Context(), module, &errOut)
	require.NoError(t, err, errOut.String())
	path := filepath.Join(t.TempDir(), "plain")
	require.NoError(t, p.Build(t.Context(), packaging.Host(), "", path, &errOut), errOut.String())
	require.NoError(t, exec.CommandContext(t.Context(), path).Run())
}
