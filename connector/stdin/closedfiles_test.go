//go:build unix

package stdin_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"os"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// redirected makes a shell start a program with a redirection of its standard files.
func redirected(cmd *exec.Cmd, redirection string) *exec.Cmd {
	cmd.Args = append([]string{"sh", "-c", `exec "$0" "$@" ` + redirection, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	return cmd
}

// commandLines returns a command line for each action of each wire.
func commandLines(t *testing.T) [][]string {
	t.Helper()
	dir := t.TempDir()
	config, catalog := filepath.Join(dir, "config.json"), filepath.Join(dir, "catalog.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"api_key":"key-0123456789"}`), 0o600))
	require.NoError(t, os.WriteFile(catalog, []byte(`{"streams":[{"stream":{"name":"orders","json_schema":{},"supported_sync_modes":["incremental"]},"sync_mode":"incremental","destination_sync_mode":"append"}]}`), 0o600))
	lines := strings.NewReplacer("CONFIG", config, "CATALOG", catalog).Replace(`
stdin
schema
spec
test --config CONFIG
sync --config CONFIG
--version
--help
airbyte spec
airbyte check --config CONFIG
airbyte discover --config CONFIG
airbyte read --config CONFIG --catalog CATALOG
airbyte --version
airbyte --help
singer --config CONFIG
singer --config CONFIG --discover
singer --about
singer --version
singer --help`)
	var all [][]string
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		all = append(all, strings.Fields(line))
	}
	return all
}

func TestAnOutputThatCannotBeWrittenFailsEachActionOfEachWire(t *testing.T) {
	t.Parallel()
	reasons := map[string]string{">&-": "standard output is closed", "1</dev/null": "standard output is closed"}
	if _, err := os.Stat("/dev/full"); err == nil {
		reasons[">/dev/full"] = "the disk is full"
	}
	for redirection, reason := range reasons {
		for _, args := range commandLines(t) {
			t.Run(redirection+" "+strings.Join(args[:min(2, len(args))], " "), func(t *testing.T) {
				t.Parallel()
				cmd := redirected(binary(t, "short", args...), redirection)
				var out, stderr bytes.Buffer
				cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(fixture.WithKey), &out, &stderr
				assert.Equal(t, 1, exitCode(t, cmd.Run()), stderr.String())
				assert.Contains(t, stderr.String(), reason)
				assert.Empty(t, out.String())
			})
		}
	}
}

func TestTheResponseMayBeDiscarded(t *testing.T) {
	t.Parallel()
	for _, redirection := range []string{">/dev/null", "1<>/dev/null 2>&1", "<>/dev/null >&0", ">/dev/null 2>&1"} {
		cmd := redirected(binary(t, "short", "schema"), redirection)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", redirection, out)
	}
}

func TestAClosedStandardErrorDoesNotFailASync(t *testing.T) {
	t.Parallel()
	for _, redirection := range []string{"2>&-", "2</dev/null", "2>/dev/null"} {
		cmd := redirected(binary(t, "short", "stdin"), redirection)
		cmd.Stdin = strings.NewReader(fixture.WithKey)
		var out bytes.Buffer
		cmd.Stdout = &out
		require.NoError(t, cmd.Run(), redirection)
		lines := fixture.Lines(t, out.String())
		require.Len(t, lines, 4, redirection)
		assert.Contains(t, lines[3], `"STATE"`)
	}
}

func TestAClosedStandardInputIsAnEmptyRequest(t *testing.T) {
	t.Parallel()
	out, err := redirected(binary(t, "short", "stdin"), "<&-").Output()
	assert.Equal(t, 1, exitCode(t, err))
	lines := fixture.Lines(t, string(out))
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "it is empty")
	out, err = redirected(binary(t, "short", "schema"), "<&-").Output()
	require.NoError(t, err, "a command does not read it")
	assert.Len(t, fixture.Lines(t, string(out)), 1)
}

func TestAClosedStandardOutputAndErrorEndWithStatusOne(t *testing.T) {
	t.Parallel()
	cmd := redirected(binary(t, "short", "stdin"), ">&- 2>&-")
	cmd.Stdin = strings.NewReader(fixture.WithKey)
	assert.Equal(t, 1, exitCode(t, cmd.Run()))
}

func TestASocketCanBeTheOutput(t *testing.T) {
	t.Parallel()
	for _, nonblocking := range []bool{false, true} {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		require.NoError(t, err)
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
		require.NoError(t, syscall.SetNonblock(fds[1], nonblocking))
		ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
		cmd := binary(t, "endless")
		cmd.Stdin, cmd.Stdout = strings.NewReader(fixture.WithKey), theirs
		require.NoError(t, cmd.Start())
		require.NoError(t, theirs.Close())
		first := make([]byte, 1<<20)
		n, err := ours.Read(first)
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		rest := readAll(t, ours)
		assert.Equal(t, 1, exitCode(t, cmd.Wait()))
		lines := fixture.Lines(t, string(first[:n])+rest)
		assert.Contains(t, lines[len(lines)-1], "interrupted by signal terminated")
		assert.InDelta(t, highestID(t, lines), cursorOf(t, fixture.LastState(lines)), 1)
		require.NoError(t, ours.Close())
	}
}
