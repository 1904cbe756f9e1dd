package transport_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "github.com/penstock-sdk/penstock/transport"

// Modules that may be compiled into a program that imports a package below transport. Each
// of them is in the go.sum of its importers.
var allowedModules = map[string][]string{
	"format":     {"github.com/go-json-experiment/json", "golang.org/x/text"},
	"value":      {"github.com/go-json-experiment/json"},
	"charset":    {"golang.org/x/text"},
	"retry":      nil,
	"ratelimit":  {"golang.org/x/time"},
	"timewindow": nil,
	"children":   nil,
}

func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func TestPackagesForFilesAndDatabasesCompileNoHTTPClient(t *testing.T) {
	for pkg, allowed := range allowedModules {
		for _, dep := range dependencies(t, root+"/"+pkg) {
			first, _, _ := strings.Cut(dep, "/")
			if !strings.Contains(first, ".") || first == "vendor" {
				assert.NotContains(t, []string{"net", "net/http", "crypto/tls", "net/url", "testing"}, dep, "%s compiles it", pkg)
				continue
			}
			if strings.HasPrefix(dep, root+"/") {
				continue
			}
			assert.True(t, slices.ContainsFunc(allowed, func(m string) bool { return dep == m || strings.HasPrefix(dep, m+"/") }),
				"%s compiles %s, which is not in its list of allowed modules", pkg, dep)
		}
	}
}

func TestOnlyPackageAuthCompilesOAuth2(t *testing.T) {
	for _, pkg := range []string{root, root + "/paging"} {
		for _, dep := range dependencies(t, pkg) {
			assert.False(t, strings.HasPrefix(dep, "golang.org/x/oauth2"), "%s compiles %s", pkg, dep)
		}
	}
}
