package connector_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/penstock-sdk/penstock"

// The modules that may be compiled into a connector's program: each is in its
// importers' go.sum, so each is a decision.
var (
	// authorModules are what an author's packages need.
	authorModules = []string{
		module,
		"github.com/go-json-experiment/json", // strict JSON: states and raw rows
	}
	// hostModules are what a program needs beside them.
	hostModules = append([]string{
		"github.com/invopop/jsonschema",            // the configuration's schema
		"github.com/santhosh-tekuri/jsonschema/v6", // and what it demands
		"github.com/lmittmann/tint",                // the log at a terminal

		// What these need themselves.
		"github.com/bahlo/generic-list-go",
		"github.com/buger/jsonparser",
		"github.com/pb33f/ordered-map/v2",
		"go.yaml.in/yaml/v4",
		"golang.org/x/text",
	}, authorModules...)
)

// compiled returns the packages that are compiled into a program that imports
// one.
func compiled(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"/"+pkg).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func TestAConnectorCompilesNothingThatIsNotAllowed(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"schema": authorModules, "state": authorModules, "connector": authorModules,
		"connector/host": hostModules, "connector/host/config": hostModules, "connector/stdin": hostModules, ".": hostModules,
	} {
		for _, dep := range compiled(t, pkg) {
			first, _, _ := strings.Cut(dep, "/")
			if standard := !strings.Contains(first, ".") || first == "vendor"; standard {
				for _, heavy := range []string{"net/http", "testing", "database/sql", "html/template", "expvar", "os/exec", "crypto/tls"} {
					assert.NotEqual(t, heavy, dep, "%s: no connector should pay for it that does not use it", pkg)
				}
				continue
			}
			assert.True(t, slices.ContainsFunc(allowed, func(m string) bool { return dep == m || strings.HasPrefix(dep, m+"/") }),
				"%s compiles %s, which is not on its list", pkg, dep)
		}
	}
}

func TestNoRoomKnowsTheOnesAboveIt(t *testing.T) {
	for pkg, never := range map[string][]string{
		"schema":                {"connector", "state", "transport"},
		"state":                 {"connector", "schema", "transport"},
		"transport":             {"connector", "schema", "state"},
		"connector":             {"connector/host", "connector/host/config", "connector/stdin", "transport", "connectortest", ""},
		"connector/host/config": {"connector/host", "connector/stdin", "transport", "connectortest", ""},
		"connector/host":        {"connector/stdin", "transport", "connectortest", ""},
		"connector/stdin":       {"transport", "connectortest", ""},
		".":                     {"transport", "connectortest"},
	} {
		deps := compiled(t, pkg)
		for _, other := range never {
			assert.NotContains(t, deps, strings.TrimSuffix(module+"/"+other, "/"), "%s must not import it", pkg)
		}
	}
}
