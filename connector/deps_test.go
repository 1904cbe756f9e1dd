package connector_test

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/penstock-sdk/penstock"

// The modules that may be compiled into a connector's program. Each of them
// appears in the go.sum of every importer, so each one is a deliberate choice.
var (
	// authorModules may be compiled into an author's packages.
	authorModules = []string{
		module,
		"github.com/go-json-experiment/json", // strict JSON for states and raw rows
	}
	// hostModules may be compiled into a program.
	hostModules = append([]string{
		"github.com/invopop/jsonschema", // the JSON Schema of the configuration
		"github.com/lmittmann/tint",     // the log on a terminal

		// The dependencies of these modules.
		"github.com/bahlo/generic-list-go",
		"github.com/buger/jsonparser",
		"github.com/pb33f/ordered-map/v2",
		"go.yaml.in/yaml/v4",
	}, authorModules...)
)

// importPath returns the import path of a package of this module. The root package
// is ".".
func importPath(pkg string) string { return strings.TrimSuffix(module+"/"+pkg, "/.") }

// isStandard reports whether a package is part of the standard library.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") || first == "vendor"
}

// imported lists packages by their import paths.
type imported struct {
	imports  []string // by the package itself
	compiled []string // into a program that imports the package, including it
}

// dependencies returns the imports of packages of this module, by import path. One
// command lists them all.
var dependencies = sync.OnceValues(func() (map[string]imported, error) {
	args := []string{"list", "-f", `{{.ImportPath}};{{join .Imports " "}};{{join .Deps " "}}`}
	for _, pkg := range []string{"schema", "state", "transport", "transport/auth", "transport/paging", "transport/format", "connector", "connector/host", "connector/host/config", "connector/airbyte", "connector/singer", "connector/stdin", "."} {
		args = append(args, importPath(pkg))
	}
	out, err := exec.CommandContext(context.Background(), "go", args...).Output()
	if err != nil {
		return nil, err
	}
	found := map[string]imported{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(line, ";")
		found[fields[0]] = imported{strings.Fields(fields[1]), append(strings.Fields(fields[2]), fields[0])}
	}
	return found, nil
})

// compiled returns the packages that are compiled into a program that imports
// pkg, including pkg itself.
func compiled(t *testing.T, pkg string) []string {
	t.Helper()
	all, err := dependencies()
	require.NoError(t, err)
	require.Contains(t, all, importPath(pkg))
	return all[importPath(pkg)].compiled
}

func TestAConnectorCompilesOnlyAllowedModules(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"schema": authorModules, "state": authorModules, "connector": authorModules,
		"connector/host": hostModules, "connector/host/config": hostModules, "connector/airbyte": hostModules, "connector/singer": hostModules, "connector/stdin": hostModules, ".": hostModules,
	} {
		for _, dep := range compiled(t, pkg) {
			if isStandard(dep) {
				for _, heavy := range []string{"net/http", "testing", "database/sql", "html/template", "expvar", "os/exec", "crypto/tls"} {
					assert.NotEqual(t, heavy, dep, "%s: a connector that does not use the package must not compile it", pkg)
				}
				continue
			}
			assert.True(t, slices.ContainsFunc(allowed, func(m string) bool { return dep == m || strings.HasPrefix(dep, m+"/") }),
				"%s compiles %s, which is not in its list of allowed modules", pkg, dep)
		}
	}
}

// A wire must stay small enough to be understood as a translation. Code that needs another
// module therefore belongs to package host or to internal.
func TestAWireImportsOnlyTheStandardLibraryAndThisModule(t *testing.T) {
	all, err := dependencies()
	require.NoError(t, err)
	for _, pkg := range []string{"connector/airbyte", "connector/singer"} {
		direct := all[importPath(pkg)].imports
		require.Contains(t, direct, importPath("connector/host"))
		for _, path := range direct {
			assert.True(t, isStandard(path) || strings.HasPrefix(path, module+"/"), "%s imports %s", pkg, path)
		}
	}
}

func TestNoPackageImportsALayerAboveIt(t *testing.T) {
	for pkg, never := range map[string][]string{
		"schema":                {"connector", "state", "transport"},
		"state":                 {"connector", "schema", "transport"},
		"transport":             {"connector", "schema", "state"},
		"transport/auth":        {"connector", "schema", "state"},
		"transport/paging":      {"connector", "schema", "state", "transport/auth"},
		"transport/format":      {"connector", "schema", "state", "transport"},
		"connector":             {"connector/host", "connector/host/config", "connector/airbyte", "connector/singer", "connector/stdin", "transport", "connectortest", ""},
		"connector/host/config": {"connector/host", "connector/airbyte", "connector/singer", "connector/stdin", "transport", "connectortest", ""},
		"connector/host":        {"connector/airbyte", "connector/singer", "connector/stdin", "transport", "connectortest", ""},
		"connector/airbyte":     {"connector/singer", "connector/stdin", "transport", "connectortest", ""},
		"connector/singer":      {"connector/airbyte", "connector/stdin", "transport", "connectortest", ""},
		"connector/stdin":       {"connector/airbyte", "connector/singer", "transport", "connectortest", ""},
		".":                     {"transport", "connectortest"},
	} {
		deps := compiled(t, pkg)
		for _, other := range never {
			assert.NotContains(t, deps, strings.TrimSuffix(module+"/"+other, "/"), "%s must not import it", pkg)
		}
	}
}
