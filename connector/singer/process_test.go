//go:build unix

package singer_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func init() {
	programs = map[string]func(){"short": beShort, "endless": beEndless, "brief": beBrief}
}

// beShort delivers an order and fails a test of the connection.
func beShort() {
	c := shop()
	c.OnTest = func(context.Context) error { return errors.New("the key key-0123456789 is wrong") }
	penstock.Main(c, host.Version("v1.2.3"))
}

func beEndless() {
	penstock.Main(&fixture.Shop{OnSync: fixture.SyncWhenReady}, host.CheckpointEvery(time.Millisecond, 100))
}

// briefDeadline is the deadline of beBrief.
const briefDeadline = 600 * time.Millisecond

func beBrief() {
	host.Main(&fixture.Shop{OnSync: fixture.SyncWhenReady}, stdin.Host, singer.HostWithDeadline(briefDeadline), host.CheckpointEvery(time.Millisecond, 100))
}

func TestTheCommandLineOfAProgram(t *testing.T) {
	t.Parallel()
	config, empty := file(t, withKey), file(t, "{}")
	const synced = `{"type":"SCHEMA","stream":"orders"`
	for name, c := range map[string]struct {
		program, args string
		status        int
		out, log      string // parts of the output and of the log; an empty part is an empty text
	}{
		"sync":                               {"/usr/bin/tap-shop", "--config " + config, 0, synced, `"msg":"sync ended"`},
		"sync under another name":            {"shop", "singer --config " + config, 0, synced, `"msg":"sync ended"`},
		"with a level of the log":            {"tap-shop", "--log-level error --config " + config, 0, synced, ""},
		"discovery":                          {"tap-shop.exe", "--discover", 0, `{"streams":[{"tap_stream_id":"orders"`, ""},
		"description":                        {"tap-shop", "--about --format json", 0, `{"name":"tap-shop","description":"A Singer tap that is built with Penstock.","version":"v1.2.3"`, ""},
		"version":                            {"tap-shop", "--version", 0, "tap-shop v1.2.3", ""},
		"help":                               {"tap-shop", "--help", 0, "tap-shop --config FILE --discover", ""},
		"help of a named host":               {"shop", "singer -h", 0, "shop singer --config FILE --discover", ""},
		"help on fields and hosts":           {"tap-shop", "-h", 0, "programs named tap-*", ""},
		"test of the connection":             {"tap-shop", "--test --config " + config, 1, "", `"msg":"the key [redacted] is wrong; this is a defect of the connector","kind":"defect"`},
		"no configuration":                   {"tap-shop", "--config " + empty, 1, "", `"msg":"api_key: is required; check the configuration","kind":"configuration"`},
		"no flags":                           {"shop", "singer", 2, "", "shop: want flags such as --config FILE --discover\nRun shop singer --help for usage."},
		"a wrong flag":                       {"tap-shop", "--config " + config + " --nope", 2, "", "Run tap-shop --help for usage."},
		"a wrong level of the log":           {"tap-shop", "--log-level loud --config " + config, 2, "", "loud"},
		"flags of Singer under another name": {"shop", "--discover", 2, "", "flag provided but not defined: -discover"},
		"a command for people":               {"tap-shop", "sync --config " + config, 0, `{"type":"RECORD","record":{"shop":`, `"msg":"sync ended"`},
		"a command for people after flags":   {"tap-shop", "--log-level error sync --config " + config, 0, `{"type":"RECORD","record":{"shop":`, ""},
		"the version for people":             {"tap-shop", "version", 0, "tap-shop v1.2.3", ""},
		"the help for people":                {"tap-shop", "help", 0, "answer a request from a platform", ""},
		"a request on standard input":        {"tap-shop", "", 0, `{"type":"RECORD","record":{"shop":`, `"msg":"sync ended"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := fixture.Program(t, "short", append([]string{c.program}, strings.Fields(c.args)...)...)
			var out, log bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(fixture.WithKey), &out, &log
			_ = cmd.Run() // the status reports a failure
			assert.Equal(t, c.status, cmd.ProcessState.ExitCode(), log.String())
			for _, text := range []struct{ part, of string }{{c.out, out.String()}, {c.log, log.String()}} {
				if text.part == "" {
					assert.Empty(t, text.of)
				}
				assert.Contains(t, text.of, text.part)
			}
		})
	}
}

// start starts a sync of a program and waits until it delivers rows.
func start(t *testing.T, program string, stdout *os.File) (cmd *exec.Cmd, log *bufio.Reader) {
	t.Helper()
	cmd = fixture.Program(t, program, "tap-shop", "--config", file(t, withKey))
	cmd.Stdout = stdout
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, stdout.Close())
	log = fixture.AwaitReady(t, stderr)
	return cmd, log
}

// wait returns the exit status of a process and the rest of its log.
func wait(t *testing.T, cmd *exec.Cmd, log io.Reader) (status int, text string) {
	t.Helper()
	rest, err := io.ReadAll(log)
	require.NoError(t, err)
	_ = cmd.Wait() // the status reports a failure
	return cmd.ProcessState.ExitCode(), string(rest)
}

// osPipe returns a pipe. The process that it is passed to closes the writing end.
func osPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r, w
}

func TestASignalEndsASyncWithItsLastStateAndStatusOne(t *testing.T) {
	t.Parallel()
	r, w := osPipe(t)
	cmd, log := start(t, "endless", w)
	in := bufio.NewReader(r)
	_, err := in.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	const limit = 64 << 20
	rest, err := io.ReadAll(io.LimitReader(in, limit))
	require.NoError(t, err)
	status, text := wait(t, cmd, log)
	assert.Equal(t, 1, status)
	assert.Contains(t, text, `"msg":"interrupted by signal terminated","kind":"interrupted"`)
	lines := fixture.Lines(t, string(rest))
	last := lines[len(lines)-1]
	require.Contains(t, last, `{"type":"STATE"`)
	var highest int64
	for _, line := range lines {
		var m struct{ Record struct{ ID int64 } }
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		highest = max(highest, m.Record.ID)
	}
	var saved struct {
		Value struct {
			Bookmarks struct{ Orders struct{ Cursor int64 } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(last), &saved))
	// The signal may have come between a row and its checkpoint.
	assert.InDelta(t, highest, saved.Value.Bookmarks.Orders.Cursor, 1, "the last state covers the rows")
}

func TestAReaderThatIsStuckDoesNotHoldTheProcess(t *testing.T) {
	t.Parallel()
	_, w := osPipe(t)
	cmd, log := start(t, "brief", w)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	signaled := time.Now()
	status, _ := wait(t, cmd, log)
	assert.Equal(t, 1, status)
	assert.Less(t, time.Since(signaled), briefDeadline+4*time.Second, "the deadline, on an idle machine")
}

func TestAReaderThatIsGoneEndsTheProcessWithStatusOne(t *testing.T) {
	t.Parallel()
	r, w := osPipe(t)
	cmd, log := start(t, "endless", w)
	require.NoError(t, r.Close())
	status, text := wait(t, cmd, log)
	assert.Equal(t, 1, status)
	assert.Contains(t, text, "broken pipe")
	assert.NotContains(t, text, "panic")
}

func TestTheVersionAndTheHelpForAReaderThatIsGoneEndWithStatusOne(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--version", "--help", "--about"} {
		r, w := osPipe(t)
		require.NoError(t, r.Close())
		cmd := fixture.Program(t, "short", "tap-shop", flag)
		cmd.Stdout = w
		_ = cmd.Run() // the status reports a failure
		require.NoError(t, w.Close())
		assert.Equal(t, 1, cmd.ProcessState.ExitCode(), flag)
	}
}

// A shell passes the output of a command as a pipe, which can be read only once.
func TestTheStateMayBeAPipe(t *testing.T) {
	t.Parallel()
	for _, saved := range []string{"", `{"bookmarks":{}}`} {
		pipe := t.TempDir() + "/pipe"
		require.NoError(t, syscall.Mkfifo(pipe, 0o600))
		cmd := fixture.Program(t, "short", "tap-shop", "--config", file(t, withKey), "--state", pipe)
		require.NoError(t, cmd.Start())
		require.NoError(t, os.WriteFile(pipe, []byte(saved), 0o600))
		require.NoError(t, cmd.Wait())
	}
}
