package connector_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed are the modules that may be compiled into every connector's binary:
// each is in its importers' go.sum, so each is a decision.
var allowed = []string{
	"github.com/go-json-experiment/json",       // strict JSON: requests, raw rows
	"github.com/invopop/jsonschema",            // the configuration's schema
	"github.com/santhosh-tekuri/jsonschema/v6", // and what it demands
	"github.com/lmittmann/tint",                // the log at a terminal
	"github.com/penstock-sdk/penstock",

	// What these need themselves.
	"github.com/bahlo/generic-list-go",
	"github.com/buger/jsonparser",
	"github.com/pb33f/ordered-map/v2",
	"go.yaml.in/yaml/v4",
	"golang.org/x/text",
}

func TestTheCoreCompilesNothingThatIsNotAllowed(t *testing.T) {
	const core = "github.com/penstock-sdk/penstock/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", core+"connector", core+"schema", core+"state").Output()
	require.NoError(t, err)
	for pkg := range strings.FieldsSeq(string(out)) {
		first, _, _ := strings.Cut(pkg, "/")
		standard := !strings.Contains(first, ".") || first == "vendor"
		if standard {
			for _, heavy := range []string{"net/http", "testing", "database/sql", "html/template", "expvar"} {
				assert.NotEqual(t, heavy, pkg, "no connector should pay for it that does not use it")
			}
			continue
		}
		assert.True(t, isAllowed(pkg), "%s is not on the list of what the core may compile", pkg)
	}
}

func isAllowed(pkg string) bool {
	for _, module := range allowed {
		if pkg == module || strings.HasPrefix(pkg, module+"/") {
			return true
		}
	}
	return false
}

func TestTheCoreKnowsNeitherTransportNorItsTests(t *testing.T) {
	for pkg, never := range map[string][]string{
		"schema":    {"connector", "state", "transport"},
		"state":     {"connector", "schema", "transport"},
		"transport": {"connector", "schema", "state"},
		"connector": {"transport", "connectortest"},
	} {
		const module = "github.com/penstock-sdk/penstock/"
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+pkg).Output()
		require.NoError(t, err)
		for _, other := range never {
			assert.NotContains(t, strings.Fields(string(out)), module+other, "%s must not import %s", pkg, other)
		}
	}
}
