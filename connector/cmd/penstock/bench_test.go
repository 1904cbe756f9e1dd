package main_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// programs is the directory of the programs that the tests run.
var programs string

func TestMain(m *testing.M) {
	// Most tests wait for processes, so more of them than the default, which is the number
	// of processors, can run at the same time.
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "penstock-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		programs = dir
		// Without debug information, linking takes little more than half the time.
		build := exec.Command("go", "build", "-ldflags=-w", "-o", dir+string(filepath.Separator), ".", "github.com/penstock-sdk/penstock/examples/restapi",
			"github.com/penstock-sdk/penstock/connectortest/testdata/rotating", "github.com/penstock-sdk/penstock/connector/internal/secretmatrix/leaky")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build penstock and the connectors: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

func program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(programs, name)
}

// A bench runs penstock in its own directory.
type bench struct {
	*testing.T
	dir string
}

func newBench(t *testing.T, configuration string) *bench {
	t.Helper()
	b := &bench{t, t.TempDir()}
	if configuration != "" {
		require.NoError(t, os.WriteFile(filepath.Join(b.dir, "configuration.json"), []byte(configuration), 0o600))
	}
	return b
}

func (b *bench) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	b.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program("penstock"), args...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = b.dir
	return cmd
}

// penstock runs a command line. It returns the output and whether the command failed
// with exit status 1.
func (b *bench) penstock(args ...string) (out string, failed bool) {
	b.Helper()
	text, err := combined(b.command(args...))
	if err != nil {
		var exit *exec.ExitError
		require.ErrorAs(b, err, &exit, "%s", text)
		require.Equal(b, 1, exit.ExitCode(), "%s", text)
	}
	return text, err != nil
}

// query returns the rows of a query as CSV without the header.
func (b *bench) query(sql string) string {
	b.Helper()
	out, failed := b.penstock("query", "-format", "csv", sql)
	require.False(b, failed, out)
	_, rows, _ := strings.Cut(out, "\n")
	return strings.TrimSpace(rows)
}

func (b *bench) state() string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "files", "state.json"))
	require.NoError(b, err)
	return string(text)
}

// tickets returns the path of a connector that is not written in Go.
func tickets(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no POSIX shell")
	}
	path, err := filepath.Abs("testdata/tickets.sh")
	require.NoError(t, err)
	return path
}
