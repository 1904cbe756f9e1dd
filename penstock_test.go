package penstock_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
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
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = append([]string{name}, args...)
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

// The main function of a connector's program calls Main. The fields of the connector
// hold the defaults of the configuration.
func ExampleMain() {
	penstock.Main(&Bell{Tone: "C"})
}
