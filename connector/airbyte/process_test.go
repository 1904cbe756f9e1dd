//go:build unix

package airbyte_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func init() { programs = map[string]func(){"short": beShort, "endless": beEndless} }

// beShort delivers one row, unless the key says that it fails.
func beShort() {
	penstock.Main(&fixture.Shop{
		OnTest: func(context.Context) error { return errors.New("the source is empty") },
		OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			connector.Logger(ctx).Debug("a detail")
			fmt.Println("stray")
			err := out.Upsert("orders", fixture.NewOrder(1))
			if os.Getenv("PENSTOCK_TEST_FAILS") != "" {
				err = errors.Join(err, errors.New("the source is broken"))
			}
			return err
		},
	}, host.Version("v1.2.3"))
}

// beEndless delivers rows without end, after it has said so on standard error.
func beEndless() {
	penstock.Main(&fixture.Shop{OnSync: fixture.SyncWhenReady}, host.CheckpointEvery(time.Millisecond, 100))
}

func TestTheCommandLineAndItsExitStatus(t *testing.T) {
	t.Parallel()
	good, bad := write(t, `{"api_key":"key-0123456789"}`), write(t, `{}`)
	catalog, saved := write(t, catalogOf("orders", "carts")), write(t, `[]`)
	words := strings.NewReplacer("GOOD", good, "BAD", bad, "CATALOG", catalog, "STATE", saved)
	for line, c := range map[string]struct {
		status int
		out    string // part of standard output
		stderr string // part of standard error
	}{
		"source-shop spec":                                                {0, `{"type":"SPEC"`, ""},
		"shop airbyte spec":                                               {0, `{"type":"SPEC"`, ""},
		"source-shop airbyte spec":                                        {0, `{"type":"SPEC"`, ""},
		"source-shop check --config GOOD":                                 {0, `"status":"FAILED","message":"the source is empty`, ""},
		"source-shop check --config=BAD":                                  {0, `"status":"FAILED","message":"api_key: is required`, ""},
		"source-shop check -config GOOD --debug":                          {0, `"status":"FAILED"`, ""},
		"source-shop discover --config GOOD":                              {0, `{"type":"CATALOG"`, ""},
		"source-shop discover --config BAD":                               {1, `"failure_type":"config_error"`, "api_key: is required"},
		"source-shop --config GOOD discover":                              {0, `{"type":"CATALOG"`, ""},
		"source-shop read --config GOOD --catalog CATALOG":                {0, `"status":"COMPLETE"`, "stray"},
		"source-shop read --config GOOD --catalog CATALOG --debug":        {0, `"status":"COMPLETE"`, "a detail"},
		"shop airbyte read --catalog=CATALOG --config=GOOD --state=STATE": {0, `"status":"COMPLETE"`, ""},
		"FAILS source-shop read --config GOOD --catalog CATALOG":          {1, `"failure_type":"system_error"`, "the source is broken"},
		"source-shop read --config GOOD --catalog none.json":              {1, `"failure_type":"config_error"`, "none.json"},
		"source-shop read --config none.json --catalog CATALOG":           {1, `"failure_type":"config_error"`, "none.json"},
		"source-shop check":                                               {2, "", "check needs the flag --config"},
		"source-shop read --config GOOD":                                  {2, "", "read needs the flag --catalog"},
		"source-shop check --config GOOD --catalog CATALOG":               {2, "", "flag --catalog cannot be used with check"},
		"source-shop spec --nope":                                         {2, "", "Run source-shop --help for usage."},
		"shop airbyte":                                                    {2, "", "name a command: spec, check, discover or read"},
		"shop airbyte sync":                                               {2, "", `unknown command "sync"`},
		"shop dance":                                                      {2, "", `unknown command or host "dance"`},
		"shop fivetran --port 50051":                                      {2, "", "pass fivetran.Host of package connector/fivetran to penstock.Main"},
		"shop airbyte spec check":                                         {2, "", `unexpected argument "check"`},
		"source-shop --help":                                              {0, "source-shop <command> [flags]", ""},
		"source-shop -h":                                                  {0, "discover  print the catalog", ""},
		"source-shop help":                                                {0, "api_key", ""},
		"source-shop read --help":                                         {0, "act as an Airbyte source", ""},
		"shop airbyte --help":                                             {0, "shop airbyte <command> [flags]", ""},
		"shop --help":                                                     {0, "run a command at a terminal", ""},
		"shop airbyte --version":                                          {0, "shop v1.2.3", ""},
		"source-shop --version":                                           {0, "source-shop v1.2.3", ""},
		// The commands of package stdin that Airbyte lacks.
		"source-shop":                    {1, "it is empty", ""},
		"source-shop version":            {0, "source-shop v1.2.3", ""},
		"source-shop schema":             {0, `{"schemas":`, ""},
		"source-shop test --config GOOD": {1, `{"status":"FAILURE"`, ""},
		"source-shop sync --config GOOD": {0, `{"type":"RECORD","record":{"shop":`, ""},
		"source-shop sync --help":        {0, "run a command at a terminal", ""},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			line, fails := strings.CutPrefix(line, "FAILS ")
			args := strings.Fields(words.Replace(line))
			cmd := fixture.Program(t, "short", args...)
			if fails {
				cmd.Env = append(cmd.Env, "PENSTOCK_TEST_FAILS=1")
			}
			var out, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &stderr
			_ = cmd.Run() // the status reports a failure
			assert.Equal(t, c.status, cmd.ProcessState.ExitCode(), "%s%s", out.String(), stderr.String())
			assert.Contains(t, out.String(), c.out)
			assert.Contains(t, stderr.String(), c.stderr)
			assert.NotContains(t, out.String(), "stray")
			if c.status == 2 {
				assert.Empty(t, out.String())
			}
		})
	}
}

// endlessRead returns a command that reads without end.
func endlessRead(t *testing.T, args []string) *exec.Cmd {
	t.Helper()
	return fixture.Program(t, "endless", append([]string{"source-shop"}, args...)...)
}

// endless starts an endless read and waits until it delivers.
func endless(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	log := fixture.AwaitReady(t, stderr)
	go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
}

func TestASignalEndsAReadWithItsLastStates(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd := endlessRead(t, readArgs(t, `{"api_key":"key-0123456789"}`, catalogOf("orders", "carts"), ""))
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			endless(t, cmd)
			in := bufio.NewReader(stdout)
			first, err := in.ReadString('\n')
			require.NoError(t, err)
			require.NoError(t, cmd.Process.Signal(sig))
			rest, err := io.ReadAll(in)
			require.NoError(t, err)
			_ = cmd.Wait()
			assert.Equal(t, sig, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(), "the process dies of the signal")

			a := &answer{raw: fixture.Lines(t, first+string(rest))}
			for _, raw := range a.raw {
				var l line
				require.NoError(t, json.Unmarshal([]byte(raw), &l))
				a.lines = append(a.lines, l)
			}
			a.check(t)
			assert.Equal(t, []string{"- transient_error: interrupted by signal " + sig.String()}, a.errors())
			assert.Equal(t, map[string]string{"orders": "STARTED RUNNING INCOMPLETE", "carts": "STARTED INCOMPLETE"}, a.statuses())
			states := a.states(t, "orders")
			var last struct{ Orders struct{ Cursor int } }
			require.NoError(t, json.Unmarshal([]byte(states[len(states)-1]), &last))
			// The signal may have come between a row and its checkpoint.
			assert.InDelta(t, len(a.records("orders")), last.Orders.Cursor, 1, "the last state covers the rows")
		})
	}
}

func TestAProcessWhoseReaderIsStuckDiesOfTheSignalWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	_, w := fixture.FullPipe(t)
	cmd := endlessRead(t, readArgs(t, `{"api_key":"key-0123456789"}`, catalogOf("orders"), ""))
	cmd.Stdout = w
	endless(t, cmd)
	require.NoError(t, w.Close())
	began := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	took := time.Since(began)
	assert.Equal(t, syscall.SIGTERM, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.Greater(t, took, time.Second, "the reader has until shortly before the deadline to read again")
	assert.Less(t, took, 6*time.Second, "two seconds, on an idle machine")
}

func TestTheFirstProcessOfAContainerExitsWithTheStatusOfTheSignal(t *testing.T) {
	t.Parallel()
	isolate := []string{"--user", "--map-root-user", "--pid", "--fork"}
	if err := exec.CommandContext(t.Context(), "unshare", append(isolate, "true")...).Run(); err != nil {
		t.Skipf("unshare cannot make a first process here: %v", err)
	}
	inner := endlessRead(t, readArgs(t, `{"api_key":"key-0123456789"}`, catalogOf("orders"), ""))
	program := filepath.Join(t.TempDir(), "source-shop")
	require.NoError(t, os.Symlink(inner.Path, program))
	cmd := exec.CommandContext(t.Context(), "unshare", append(append(isolate, program), inner.Args[1:]...)...)
	cmd.Env = inner.Env
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	endless(t, cmd)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	require.NoError(t, err)
	first, err := strconv.Atoi(strings.TrimSpace(string(children)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(first, syscall.SIGTERM))
	_, err = io.Copy(io.Discard, stdout)
	require.NoError(t, err)
	_ = cmd.Wait()
	assert.Equal(t, 143, cmd.ProcessState.ExitCode())
}
