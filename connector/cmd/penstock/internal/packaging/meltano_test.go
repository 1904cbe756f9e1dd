package packaging_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

// A project is the content of a meltano.yml.
type project struct {
	DefaultEnvironment      string           `yaml:"default_environment"`
	SendAnonymousUsageStats bool             `yaml:"send_anonymous_usage_stats"`
	Environments            []map[string]any `yaml:"environments"`
	Plugins                 struct {
		Extractors []struct {
			Name, Namespace, Label, Executable string
			Capabilities                       []string
			Settings                           []setting
			Validation                         [][]string `yaml:"settings_group_validation"`
		}
		Loaders []map[string]any
	}
}

type setting struct {
	Name, Label, Description, Kind string
	Sensitive                      bool
	Options                        []struct{ Label, Value string }
	Value                          any
}

func parseProject(t *testing.T, text []byte) (p project) {
	t.Helper()
	require.NoError(t, yaml.Load(text, &p, yaml.WithKnownFields()))
	require.Len(t, p.Plugins.Extractors, 1)
	return p
}

// meltanoOf returns the project of a connector with the given JSON Schema.
func meltanoOf(t *testing.T, spec string, capabilities ...string) (packaging.Folder, error) {
	t.Helper()
	m := packaging.Meltano{Program: &packaging.Program{ImportPath: "example.com/shop"}, Name: named(t, "shop"), Platform: packaging.Platform{OS: "windows", Arch: "amd64"}}
	return m.Texts([]byte(spec), capabilities)
}

func TestTheFilesOfAProject(t *testing.T) {
	t.Parallel()
	folder := meltanoFolder(t)
	name := "bin/tap-every-field"
	require.Contains(t, folder, name)
	assert.True(t, folder[name].Executable)
	if packaging.Host() == both[0] { // the README names the platform
		golden(t, "meltano", folder)
	}
	for name, file := range folder {
		assert.NotContains(t, string(file.Content), "penstock-package-", "%s contains the path of a temporary directory", name)
	}
}

// tap writes the project of everyfield and returns the path of its executable.
func tap(t *testing.T) string {
	t.Helper()
	folder, dir := meltanoFolder(t), filepath.Join(t.TempDir(), "project")
	syscall.ForkLock.RLock() // see script
	defer syscall.ForkLock.RUnlock()
	require.NoError(t, folder.Write(dir, false))
	return filepath.Join(dir, "bin", "tap-every-field")
}

// The program prints the version that it was packaged with.
func TestAPackagedProgramHasItsVersion(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), tap(t), "stdin", "version").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), " 1.2.3 ")
}

var reference = regexp.MustCompile(`\\(\$\{\w+\}|\$[A-Z][A-Z0-9_]*)`)

// received returns a default value as Meltano passes it to the connector.
func received(value any) any {
	switch v := value.(type) {
	case string:
		return reference.ReplaceAllString(v, "$1")
	case []any:
		for i := range v {
			v[i] = received(v[i])
		}
	case map[string]any:
		members := map[string]any{}
		for name, member := range v {
			members[strings.ReplaceAll(name, `\.`, ".")] = received(member)
		}
		return members
	}
	return value
}

func TestSettingsAgreeWithTheConfiguration(t *testing.T) {
	t.Parallel()
	folder := meltanoFolder(t)
	spec, err := (&packaging.Binary{Path: tap(t)}).Spec(t.Context())
	require.NoError(t, err)
	type field struct {
		Title, Description string
		Default            any
		Enum               []any
		Properties         map[string]json.RawMessage
	}
	var form field
	require.NoError(t, json.Unmarshal(spec, &form))
	settings := map[string]setting{}
	for _, s := range parseProject(t, folder["meltano.yml"].Content).Plugins.Extractors[0].Settings {
		settings[s.Name] = s
	}
	for name, raw := range form.Properties {
		var f field
		require.NoError(t, json.Unmarshal(raw, &f))
		if f.Properties != nil {
			continue
		}
		s, ok := settings[strings.ReplaceAll(name, ".", `\.`)]
		require.True(t, ok, "no setting for %s", name)
		assert.Equal(t, f.Title, s.Label)
		assert.Equal(t, f.Description, s.Description)
		assert.Equal(t, strings.Contains(string(raw), `"writeOnly":true`), s.Sensitive, name)
		for i, choice := range s.Options {
			assert.Equal(t, f.Enum[i], choice.Value)
		}
		want, err := json.Marshal(f.Default)
		require.NoError(t, err)
		got, err := json.Marshal(received(s.Value))
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(got), name)
	}
}

func TestKindsOfSettings(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"type":"string"}`:                                             "string",
		`{"type":"string","format":"date-time"}`:                        "date_iso8601",
		`{"type":"string","format":"date"}`:                             "date_iso8601",
		`{"type":"string","format":"time"}`:                             "string",
		`{"type":"string","format":"email"}`:                            "email",
		`{"type":"string","enum":["a","b"]}`:                            "options",
		`{"type":"integer"}`:                                            "integer",
		`{"type":"integer","enum":[1,2]}`:                               "integer",
		`{"type":"number"}`:                                             "string",
		`{"type":"boolean"}`:                                            "boolean",
		`{"type":"array","items":{"type":"string","enum":["a"]}}`:       "array",
		`{"type":"object","additionalProperties":{"type":"string"}}`:    "object",
		`{"type":"object","properties":{}}`:                             "object",
		`{"oneOf":[{"type":"integer"},{"type":"null"}],"title":"A"}`:    "integer",
		`{"oneOf":[{"type":"null"},{"type":"string","enum":["null"]}]}`: "options",
		`{"oneOf":[{"type":"string","enum":["null"]},{"type":"null"}]}`: "options",
		`{"oneOf":[{"type":"integer"},{"type":"string"}]}`:              "",
		`{}`:   "",
		`true`: "",
	} {
		folder, err := meltanoOf(t, `{"type":"object","properties":{"a":`+schema+`}}`)
		require.NoError(t, err)
		settings := parseProject(t, folder["meltano.yml"].Content).Plugins.Extractors[0].Settings
		require.Len(t, settings, 1)
		assert.Equal(t, want, settings[0].Kind, schema)
	}
}

func TestAConnectorWithoutConfiguration(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{`{}`, `{"type":"object"}`, `{"type":"object","properties":{}}`} {
		folder, err := meltanoOf(t, spec, "state", "batch")
		require.NoError(t, err)
		e := parseProject(t, folder["meltano.yml"].Content).Plugins.Extractors[0]
		assert.Empty(t, e.Settings)
		assert.Empty(t, e.Validation)
		assert.Equal(t, []string{"catalog", "discover", "state", "about", "batch"}, e.Capabilities)
		assert.Equal(t, "./bin/tap-shop.exe", e.Executable)
	}
}

func TestASettingRequiredWithinAnOptionalObjectIsOptional(t *testing.T) {
	t.Parallel()
	folder, err := meltanoOf(t, `{"required":["a","in"],"properties":{"a":{"type":"string"},"b":{"type":"string"},
		"in":{"properties":{"c":{"type":"string"},"d":{"properties":{"e":{"type":"string","writeOnly":true,"title":"E"}},"required":["e"],"title":"D"}},"required":["c"]},
		"out":{"properties":{"f":{"type":"string"}},"required":["f"]}}}`)
	require.NoError(t, err)
	e := parseProject(t, folder["meltano.yml"].Content).Plugins.Extractors[0]
	assert.Equal(t, [][]string{{"a", "in.c"}}, e.Validation)
	assert.Equal(t, setting{Name: "in.d.e", Label: "in: D: E", Kind: "string", Sensitive: true}, e.Settings[3])
	env := string(folder[".env.example"].Content)
	assert.Contains(t, env, "\nTAP_SHOP_IN_C=\n")
	assert.Contains(t, env, "# in: D: E\n# Optional: TAP_SHOP_IN_D_E=\n")
	assert.NotContains(t, env, "TAP_SHOP_B")
}

func TestTheExampleOfTheEnvironmentNamesTheValuesOfAChoice(t *testing.T) {
	t.Parallel()
	folder, err := meltanoOf(t, `{"required":["region","name"],"properties":{"region":{"type":"string","enum":["eu","us east"],"title":"Region"},"name":{"type":"string"}}}`)
	require.NoError(t, err)
	env := string(folder[".env.example"].Content)
	assert.Contains(t, env, "# Region\n# One of: eu, us east\nTAP_SHOP_REGION=\n")
	assert.Contains(t, env, "# name\nTAP_SHOP_NAME=\n")
}

func TestSettingsWithOneEnvironmentVariableAreSetByCommand(t *testing.T) {
	t.Parallel()
	folder, err := meltanoOf(t, `{"required":["a_b","a"],"properties":{"a_b":{"type":"string"},"a":{"properties":{"b":{"type":"string"}},"required":["b"]}}}`)
	require.NoError(t, err)
	env := string(folder[".env.example"].Content)
	assert.NotContains(t, env, "TAP_SHOP_A_B=")
	assert.Contains(t, env, "# TAP_SHOP_A_B would set several settings. Run instead: meltano config set tap-shop a.b VALUE\n")
}

func TestAFieldThatMeltanoDoesNotPassIsAnError(t *testing.T) {
	t.Parallel()
	_, err := meltanoOf(t, `{"properties":{"_select":{"type":"string"}}}`)
	assert.EqualError(t, err, "field _select: Meltano does not pass settings whose names begin with an underscore; rename the field")
	_, err = meltanoOf(t, `{"properties":{"p":{"properties":{"_q":{"type":"string"}}}}}`)
	assert.NoError(t, err)
	for _, spec := range []string{`[]`, `{"properties":{"a":[]}}`, `{"properties":[]}`, `{"properties":{"a":{"default":"x"`} {
		_, err := meltanoOf(t, spec)
		assert.ErrorContains(t, err, "parse the connector's spec", spec)
	}
}

func TestNoFileContainsASecret(t *testing.T) {
	t.Parallel()
	folder, err := meltanoOf(t, `{"properties":{"token":{"type":"string","writeOnly":true,"default":"hunter2"},"list":{"type":"array","items":{"writeOnly":true},"default":["hunter2"]}}}`)
	require.NoError(t, err)
	for name, file := range folder {
		assert.NotContains(t, string(file.Content), "hunter2", name)
	}
	assert.Contains(t, string(folder[".gitignore"].Content), "/.env\n")
}
