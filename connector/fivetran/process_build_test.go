//go:build unix

package fivetran_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// builtPrograms are built by the first test that needs them. Each is a program of another
// module, changed only in its call of Main.
var builtPrograms = map[string]func() (string, error){
	"restapi": sync.OnceValues(func() (string, error) { return buildWithHost("../../examples/restapi") }),
	"types":   sync.OnceValues(func() (string, error) { return buildWithHost("../../.ci/accept/types") }),
}

// built returns the path of a program.
func built(t testing.TB, name string) string {
	t.Helper()
	path, err := builtPrograms[name]()
	require.NoError(t, err)
	return path
}

var buildsOnce sync.Once

var (
	mainCall        = regexp.MustCompile(`(?m)^func main\(\) \{ penstock\.Main\((.*)\) \}$`)
	connectorImport = regexp.MustCompile(`(?m)^\t"github.com/penstock-sdk/penstock/connector"$`)
)

// buildWithHost builds the program of a directory with the host of this package. The changed
// main.go takes the place of the original only in this build.
func buildWithHost(dir string) (path string, err error) {
	buildsOnce.Do(func() { builds, err = os.MkdirTemp("", "fivetran-test-") })
	if err != nil {
		return "", err
	}
	original, err := filepath.Abs(filepath.Join(dir, "main.go"))
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	for _, change := range []struct {
		old *regexp.Regexp
		new string
	}{
		{mainCall, `func main() { penstock.Main($1, fivetran.Host) }`},
		{connectorImport, "$0\n\t\"github.com/penstock-sdk/penstock/connector/fivetran\""},
	} {
		if n := len(change.old.FindAll(source, -1)); n != 1 {
			return "", fmt.Errorf("%s: %d lines match %v; want one", original, n, change.old)
		}
		source = change.old.ReplaceAll(source, []byte(change.new))
	}
	name := filepath.Base(dir)
	changed, overlay := filepath.Join(builds, name+".go"), filepath.Join(builds, name+".json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	for path, text := range map[string][]byte{changed: source, overlay: replace} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return "", err
		}
	}
	path = filepath.Join(builds, name)
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", path, dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", dir, err, out)
	}
	return path, nil
}
