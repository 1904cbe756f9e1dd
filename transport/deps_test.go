package transport_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "github.com/penstock-sdk/penstock/transport"

// allowedModules are the modules that the packages below transport may compile into a
// program. Each of them is in the go.sum of its importers.
var allowedModules = map[string][]string{
	"format":     {"github.com/go-json-experiment/json", "golang.org/x/text"},
	"value":      {"github.com/go-json-experiment/json"},
	"charset":    {"golang.org/x/text"},
	"retry":      nil,
	"ratelimit":  {"golang.org/x/time"},
	"timewindow": nil,
	"children":   nil,
}

// dependencies returns the dependencies of packages by their import paths.
func dependencies(t *testing.T, packages ...string) map[string][]string {
	t.Helper()
	args := append([]string{"list", "-f", `{{.ImportPath}} {{join .Deps " "}}`}, packages...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	require.NoError(t, err)
	deps := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		deps[fields[0]] = fields[1:]
	}
	require.Len(t, deps, len(packages))
	return deps
}

func TestPackagesForFilesAndDatabasesCompileNoHTTPClient(t *testing.T) {
	var packages []string
	for name := range allowedModules {
		packages = append(packages, root+"/"+name)
	}
	for pkg, deps := range dependencies(t, packages...) {
		allowed := allowedModules[path.Base(pkg)]
		for _, dep := range deps {
			first, _, _ := strings.Cut(dep, "/")
			if !strings.Contains(first, ".") || first == "vendor" {
				assert.NotContains(t, []string{"net", "net/http", "crypto/tls", "net/url", "testing"}, dep, "%s compiles it", pkg)
				continue
			}
			if strings.HasPrefix(dep, root+"/") || strings.HasPrefix(dep, "github.com/penstock-sdk/penstock/internal/") {
				continue
			}
			assert.True(t, slices.ContainsFunc(allowed, func(m string) bool { return dep == m || strings.HasPrefix(dep, m+"/") }),
				"%s compiles %s, which is not in its list of allowed modules", pkg, dep)
		}
	}
}

func TestOnlyPackageAuthCompilesOAuth2(t *testing.T) {
	for pkg, deps := range dependencies(t, root, root+"/paging") {
		for _, dep := range deps {
			assert.False(t, strings.HasPrefix(dep, "golang.org/x/oauth2"), "%s compiles %s", pkg, dep)
		}
	}
}
