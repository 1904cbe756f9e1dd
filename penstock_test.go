package penstock_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Bell is a connector with one table that has one row.
type Bell struct {
	Tone string `json:"tone" jsonschema:"enum=C,enum=F sharp"`
}

func (*Bell) Schema(context.Context) (schema.Schema, error) {
	return schema.New("tower", schema.Table{Name: "bells", Columns: []schema.Column{{Name: "tone", Type: schema.TypeString, PrimaryKey: true}}})
}

func (*Bell) Test(context.Context) error { return nil }

func (b *Bell) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("bells", map[string]any{"tone": b.Tone})
}

// echo is a wire that prints its arguments.
var echo = host.With(host.Wire{
	Name:     "echo",
	Summary:  "print the arguments",
	Prefix:   "echo-",
	Accepts:  func(args []string) bool { return args[0] == "say" || args[0] == "sync" },
	Deadline: time.Second,
	Serve: func(p *host.Process) int {
		fmt.Fprintln(p.Stdout, "echo", strings.Join(p.Args, " "))
		return 7
	},
})

// TestMain lets a test run the test binary as a connector's program.
func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_PROGRAM") != "" {
		penstock.Main(&Bell{Tone: "C"}, echo)
		return
	}
	goleak.VerifyTestMain(m)
}

// program runs the test binary as a connector's program with the given name.
func program(t *testing.T, name, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	return programIn(t, "", name, stdin, args...)
}

// programIn is like program, in a directory.
func programIn(t *testing.T, dir, name, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Dir, cmd.Args = dir, append([]string{name}, args...)
	cmd.Env = append(os.Environ(), "PENSTOCK_TEST_PROGRAM=1")
	cmd.Stdin = strings.NewReader(stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run() // the status reports a failure
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

func TestTheCommandLineAndTheProgramNameSelectTheHost(t *testing.T) {
	const spec = `{"type":"SPEC","spec":{"protocol_version":"0.2.0","supportsIncremental":true,"connectionSpecification":{"$schema":"http://json-schema.org/draft-07/schema#",` +
		`"properties":{"tone":{"type":"string","enum":["C","F sharp"],"title":"Tone","default":"C","order":0}},"type":"object","additionalProperties":true,"title":"Configuration"}}}` + "\n"
	const answer = `{"type":"RECORD","record":{"tower":{"bells":{"tone":"C"}}}}` + "\n" + `{"type":"STATE","state":{}}` + "\n"
	for name, c := range map[string]struct {
		program string
		args    string
		want    string
		status  int
	}{
		"no arguments":                          {"tower", "", answer, 0},
		"no arguments under a host's name":      {"echo-tower", "", answer, 0},
		"a host by its name":                    {"tower", "echo a b", "echo a b\n", 7},
		"stdin by its name":                     {"echo-tower", "stdin", answer, 0},
		"a command of stdin by its name":        {"echo-tower", "stdin sync", answer, 0},
		"a command of the implied host":         {"/usr/local/bin/echo-tower", "say a", "echo say a\n", 7},
		"a command that both hosts have":        {"echo-tower.exe", "sync", "echo sync\n", 7},
		"a command for people":                  {"tower", "sync", answer, 0},
		"a command that the implied host lacks": {"echo-tower", "test", `{"status":"SUCCESS","message":"The connection works."}` + "\n", 0},
		"a host's command under another name":   {"tower", "say a", "", 2},
		"Airbyte by its name":                   {"tower", "airbyte spec", spec, 0},
		"a command of Airbyte":                  {"source-tower", "spec", spec, 0},
		"a command that Airbyte lacks":          {"source-tower", "sync", answer, 0},
	} {
		t.Run(name, func(t *testing.T) {
			out, stderr, status := program(t, c.program, `{}`, strings.Fields(c.args)...)
			assert.Equal(t, c.want, out, stderr)
			assert.Equal(t, c.status, status)
		})
	}
}

func TestAnInvalidCommandLineNamesTheHostThatTakesIt(t *testing.T) {
	for args, want := range map[string]string{
		"discover --config c.json":          `The host airbyte takes such arguments: begin the command line with "tower airbyte".`,
		"--config c.json --discover":        `The host singer takes such arguments: begin the command line with "tower singer".`,
		"say a":                             `The host echo takes such arguments: begin the command line with "tower echo".`,
		"airbyte --config c.json --catalog": `Run tower airbyte --help for usage.`,
		"shema --config c.json":             `Run tower --help for usage.`,
	} {
		t.Run(args, func(t *testing.T) {
			out, stderr, status := program(t, "tower", "", strings.Fields(args)...)
			assert.Empty(t, out)
			assert.Contains(t, stderr, want)
			assert.Equal(t, 2, status)
			assert.Equal(t, strings.HasPrefix(want, "The host"), strings.Contains(stderr, "The host"), stderr)
		})
	}
}

func TestHelpListsTheHostsAndTheRules(t *testing.T) {
	out, _, status := program(t, "tower", "", "--help")
	assert.Equal(t, 0, status)
	for _, want := range []string{"stdin", "echo", "print the arguments", "programs named echo-*", "tone", "default C, one of C, F sharp", "The first argument may name a host"} {
		assert.Contains(t, out, want)
	}
}

// pastedKey is a key that a person has pasted in the wrong place.
const pastedKey = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"

// wires maps the arguments that select a wire to those for each of its actions. FILE
// stands for the name of a file.
var wires = map[string][]string{
	"stdin":   {"schema --config FILE", "test --config FILE", "sync --config FILE", "sync --state FILE", "sync --selection FILE", "schema --format FILE", "sync --time-budget FILE", "FILE", "spec FILE", "--FILE", "-FILE=1", "---FILE", "sync --FILE x", "sync --log-level FILE", "--log-format FILE", "--log-level=FILE"},
	"airbyte": {"check --config FILE", "discover --config FILE", "read --config EMPTY --catalog FILE", "read --config EMPTY --catalog CATALOG --state FILE", "FILE", "spec FILE", "--FILE", "spec --FILE=x", "spec --debug=FILE", "check --config=FILE"},
	"singer":  {"--config FILE", "--config FILE --discover", "--config FILE --test", "--config EMPTY --catalog FILE", "--config EMPTY --state FILE", "--config EMPTY FILE", "--FILE", "--about --format FILE", "--test=FILE", "--config EMPTY --config FILE", "--discover=FILE", "--config EMPTY --log-level FILE"},
	"help":    {"FILE"},
	"":        {"FILE", "--FILE", "FILE --config FILE", "--config=FILE"},
}

// checkPasted fails the test if a part of the key is printed, other than in a state that
// the platform gets back as it sent it.
func checkPasted(t *testing.T, stdout, stderr string) {
	t.Helper()
	const part = 9
	var lines []string
	for line := range strings.Lines(stdout) {
		if !strings.HasPrefix(line, `{"type":"STATE",`) {
			lines = append(lines, line)
		}
	}
	printed, key := strings.ToLower(strings.Join(lines, "")+stderr), strings.ToLower(pastedKey)
	for i := range len(key) - part + 1 {
		if at := strings.Index(printed, key[i:i+part]); at >= 0 {
			t.Errorf("%q is printed: …%s…", key[i:i+part], printed[max(0, at-100):min(len(printed), at+40)])
			return
		}
	}
	assert.NotContains(t, printed, "hunter2")
	assert.NotEmpty(t, printed, "the program says what to fix")
}

// asFile writes a file and returns its name.
func asFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// readsFile matches command lines that read FILE.
var readsFile = regexp.MustCompile(`--(config|state|selection|catalog)[ =]FILE\b`)

// runAll runs every command line of every wire that is selected, with the given text instead
// of FILE. It fails the test if one of them prints the key.
func runAll(t *testing.T, text string, selected func(line string) bool) {
	t.Helper()
	empty := asFile(t, "empty.json", `{"tone":"C"}`)
	catalog := asFile(t, "catalog.json", `{"streams":[{"stream":{"name":"bells"}}]}`)
	for wire, lines := range wires {
		for _, line := range lines {
			if !selected(line) {
				continue
			}
			args := strings.Fields(wire + " " + line)
			for i := range args {
				args[i] = strings.NewReplacer("FILE", text, "EMPTY", empty, "CATALOG", catalog).Replace(args[i])
			}
			stdout, stderr, _ := programIn(t, t.TempDir(), "tower", "", args...) // a state is created under its name
			checkPasted(t, stdout, stderr)
			if t.Failed() {
				t.Fatalf("%s, with %q", wire+" "+line, text)
			}
		}
	}
}

func TestAKeyOnTheCommandLineIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a key":                pastedKey,
		"a configuration":      `{"api_key":"hunter2` + pastedKey + `"}`,
		"a URL with a key":     "https://user:hunter2@example.com/" + pastedKey,
		"a variable":           "API_KEY=" + pastedKey,
		"a key with a slash":   pastedKey + "/" + pastedKey,
		"a key with its line":  pastedKey + "\n",
		"a key in a directory": "./" + pastedKey,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runAll(t, text, func(string) bool { return true })
		})
	}
}

func TestAKeyInAFileIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"a key":                      pastedKey,
		"a string":                   `"` + pastedKey + `"`,
		"a list":                     `["` + pastedKey + `"]`,
		"a list of objects":          `[{"type":"` + pastedKey + `","` + pastedKey + `":1}]`,
		"an object that is cut":      `{"tone":"` + pastedKey,
		"an object that is followed": `{"tone":"C"} ` + pastedKey,
		"a name":                     `{"` + pastedKey + `":{"` + pastedKey + `":"` + pastedKey + `"}}`,
		"names twice":                `{"` + pastedKey + `":1,"` + pastedKey + `":2}`,
		"a value":                    `{"tone":"` + pastedKey + `"}`,
		"a table":                    `{"tower":{"` + pastedKey + `":{"` + pastedKey + `":"` + pastedKey + `"}},"` + pastedKey + `":null}`,
		"a column":                   `{"tower":{"bells":{"columns":{"` + pastedKey + `":null}}}}`,
		"a state of a stream":        `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"` + pastedKey + `"},"stream_state":"` + pastedKey + `"}}]`,
		"a state of a table":         `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"bells"},"stream_state":"` + pastedKey + `"}}]`,
		"a global state":             `[{"type":"GLOBAL","global":{"shared_state":"` + pastedKey + `","stream_states":"` + pastedKey + `"}}]`,
		"a bookmark":                 `{"bookmarks":{"` + pastedKey + `":"` + pastedKey + `","bells":"` + pastedKey + `"}}`,
		"a bookmark's members":       `{"bookmarks":{"bells":{"_plain":["` + pastedKey + `"],"_json":"` + pastedKey + `","_version":"` + pastedKey + `"}}}`,
		"a shared bookmark":          `{"bookmarks":{},"penstock":{"_shared":"` + pastedKey + `","_late":"` + pastedKey + `"}}`,
		"streams that are text":      `{"streams":"` + pastedKey + `"}`,
		"a catalog":                  `{"streams":[{"stream":{"name":"` + pastedKey + `"},"tap_stream_id":"` + pastedKey + `","metadata":[{"breadcrumb":[],"metadata":{"selected":true}}]}]}`,
		"a catalog of wrong types":   `{"streams":[{"stream":"` + pastedKey + `","tap_stream_id":"bells","metadata":"` + pastedKey + `"}]}`,
		"a catalog's columns":        `{"streams":[{"stream":{"name":"bells","json_schema":{"properties":{"` + pastedKey + `":{"selected":"` + pastedKey + `"}}}},"tap_stream_id":"bells","schema":{"properties":{"` + pastedKey + `":{"selected":"` + pastedKey + `"}}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runAll(t, asFile(t, "file.json", content), readsFile.MatchString)
		})
	}
}

func TestAKeyInARequestIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"a key":                     pastedKey,
		"a string":                  `"` + pastedKey + `"`,
		"a list":                    `["` + pastedKey + `"]`,
		"cut":                       `{"secrets":{"tone":"` + pastedKey,
		"followed by a key":         `{} ` + pastedKey,
		"a name":                    `{"` + pastedKey + `":1,"secrets":{"` + pastedKey + `":1},"selection":{"` + pastedKey + `":1}}`,
		"a name twice":              `{"` + pastedKey + `":1,"` + pastedKey + `":1}`,
		"secrets that are text":     `{"secrets":"` + pastedKey + `"}`,
		"a choice":                  `{"secrets":{"tone":"` + pastedKey + `"}}`,
		"an action":                 `{"selection":{"action":"` + pastedKey + `"}}`,
		"an action that is a list":  `{"selection":{"action":["` + pastedKey + `"]}}`,
		"a selection that is text":  `{"selection":"` + pastedKey + `"}`,
		"tables that are text":      `{"selection":{"tables":"` + pastedKey + `"}}`,
		"a table":                   `{"selection":{"tables":{"` + pastedKey + `":{"` + pastedKey + `":"` + pastedKey + `"}}}}`,
		"a member of a table":       `{"selection":{"tables":{"tower":{"bells":{"` + pastedKey + `":1}}}}}`,
		"a column":                  `{"selection":{"tables":{"tower":{"bells":{"columns":{"` + pastedKey + `":"` + pastedKey + `"}}}}}}`,
		"a state that is text":      `{"state":"` + pastedKey + `"}`,
		"a state of a table":        `{"state":{"` + pastedKey + `":"` + pastedKey + `"}}`,
		"a version of a state":      `{"state":{"_version":"` + pastedKey + `"}}`,
		"a name with invalid UTF-8": `{"secrets":{"` + pastedKey + "\xff" + `":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, _ := program(t, "tower", request)
			checkPasted(t, stdout, stderr)
			if !strings.Contains(name, "name") && !strings.Contains(name, "a table") {
				assert.Contains(t, stdout, `"SEVERE"`)
			}
		})
	}
}

func TestAKeyInTheEnvironmentIsNeverPrinted(t *testing.T) {
	for _, name := range []string{host.EnvLogLevel, host.EnvLogFormat} {
		t.Setenv(name, pastedKey)
		for _, args := range []string{"sync", "airbyte spec", "singer --about"} {
			stdout, stderr, status := program(t, "tower", "{}", strings.Fields(args)...)
			checkPasted(t, stdout, stderr)
			assert.Equal(t, 2, status)
			assert.Contains(t, stderr, "want ")
		}
		t.Setenv(name, "")
	}
}

// The main function of a connector's program calls Main. The fields of the connector
// hold the defaults of the configuration.
func ExampleMain() {
	penstock.Main(&Bell{Tone: "C"})
}
