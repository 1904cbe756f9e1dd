//go:build unix

package stdin_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
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

func init() {
	maps.Copy(programs, map[string]func(){
		"endless": beEndless, "noisy": beNoisy, "deaf": beDeaf, "impatient": beImpatient, "short": beShort, "one": beOne,
		"flood": beFlood, "brief": beBrief, "rotating": beRotating, "budgeted": beBudgeted,
	})
}

func beEndless() {
	penstock.Main(&fixture.Shop{OnSync: fixture.SyncEndlessly}, host.CheckpointEvery(time.Millisecond, 100))
}

// beNoisy prints to every place where a library might.
func beNoisy() {
	kept := os.Stdout // a library may keep it in a variable
	penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		fmt.Println("stray fmt")
		fmt.Fprintln(kept, "stray kept")
		fmt.Fprintln(os.NewFile(1, "fd"), "stray descriptor")
		log.Println("stray log key-0123456789")
		slog.Info("stray slog", "key", "key-0123456789")
		connector.Logger(ctx).Info("own log", "key", connector.Secret("key-0123456789"))
		child := exec.Command("sh", "-c", "echo stray child")
		child.Stdout = os.Stdout
		return errors.Join(child.Run(), out.Upsert("orders", fixture.NewOrder(1)))
	}})
}

// syncDeaf ignores its context.
func syncDeaf(_ context.Context, st state.State, out connector.Emitter) error {
	if err := errors.Join(st.Shared().Set("at", 1), out.Checkpoint()); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "deaf from here on")
	time.Sleep(time.Hour)
	return nil
}

func beDeaf() { penstock.Main(&fixture.Shop{OnSync: syncDeaf}) }

// beImpatient is beDeaf with a short grace period, and sends its checkpoint at once.
func beImpatient() {
	penstock.Main(&fixture.Shop{OnSync: syncDeaf}, host.Grace(50*time.Millisecond), fixture.Each)
}

// beShort delivers three rows.
func beShort() {
	penstock.Main(&fixture.Shop{
		OnTest: func(context.Context) error { return errors.New("the key is wrong") },
		OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "orders")
			for id := cursor.Start(); id < cursor.Start()+3; id++ {
				if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
					return err
				}
				cursor.Advance(id)
			}
			return nil
		},
	}, host.Version("v1.2.3"))
}

// binary returns a command that runs this test binary as a connector.
func binary(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	return fixture.Program(t, name, append([]string{"shop"}, args...)...)
}

// readAll reads the output of a process to its end. A process that writes endlessly
// fails the test.
func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	const limit = 64 << 20
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	require.NoError(t, err)
	require.LessOrEqual(t, len(text), limit, "the process writes endlessly")
	return string(text)
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	return exit.ExitCode()
}

func TestStrayPrintsGoToStandardError(t *testing.T) {
	t.Parallel()
	cmd := binary(t, "noisy")
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(fixture.WithKey), &out, &stderr
	require.NoError(t, cmd.Run(), stderr.String())
	lines := fixture.Lines(t, out.String())
	require.Len(t, lines, 2)
	assert.NotContains(t, out.String(), "stray")
	for _, stray := range []string{"fmt", "kept", "descriptor", "log", "slog", "child"} {
		assert.Contains(t, stderr.String(), "stray "+stray)
	}
	assert.NotContains(t, stderr.String(), "key-0123456789")
}

func TestASignalEndsASyncWithItsLastStateAndStatusOne(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd := binary(t, "endless")
			cmd.Stdin = strings.NewReader(fixture.WithKey)
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			in := bufio.NewReader(stdout)
			first, err := in.ReadString('\n')
			require.NoError(t, err)
			require.NoError(t, cmd.Process.Signal(sig))
			rest := readAll(t, in)
			assert.Equal(t, 1, exitCode(t, cmd.Wait()))
			lines := fixture.Lines(t, first+rest)
			last := len(lines) - 1
			assert.Contains(t, lines[last], `"SEVERE","message":"interrupted by signal `+sig.String())
			assert.Equal(t, fixture.LastState(lines), lines[last-1])
			// The signal may have come between a row and its checkpoint.
			assert.InDelta(t, highestID(t, lines), cursorOf(t, lines[last-1]), 1, "the last state covers the rows")
		})
	}
}

func TestASignalEndsTheWaitForARequest(t *testing.T) {
	t.Parallel()
	cmd := binary(t, "short")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	var out bytes.Buffer
	cmd.Stdout = &out
	require.NoError(t, cmd.Start())
	// The request is larger than a pipe. Once it is written, the process is
	// reading, and watches signals.
	_, err = io.WriteString(stdin, `{"secrets":`+strings.Repeat(" ", 1<<20))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 1, exitCode(t, cmd.Wait()))
	lines := fixture.Lines(t, out.String())
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "interrupted by signal terminated")
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	cmd := binary(t, "deaf")
	cmd.Stdin = strings.NewReader(fixture.WithKey)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	in := bufio.NewReader(stderr)
	for line := ""; !strings.Contains(line, "deaf"); {
		line, err = in.ReadString('\n')
		require.NoError(t, err)
	}
	began := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, _ = io.Copy(io.Discard, in)
	assert.Equal(t, 1, exitCode(t, cmd.Wait()))
	assert.Less(t, time.Since(began), 30*time.Second)
}

func TestASyncThatIgnoresItsContextIsAbandoned(t *testing.T) {
	t.Parallel()
	testAbandoned(t, "impatient")
}

func TestASyncThatIgnoresItsContextIsAbandonedAfterTheDefaultGrace(t *testing.T) {
	needsLong(t)
	t.Parallel()
	testAbandoned(t, "deaf")
}

// testAbandoned interrupts a connector that ignores its context.
func testAbandoned(t *testing.T, name string) {
	t.Helper()
	cmd := binary(t, name)
	cmd.Stdin = strings.NewReader(fixture.WithKey)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	in := bufio.NewReader(stdout)
	first, err := in.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	rest := readAll(t, in)
	assert.Equal(t, 1, exitCode(t, cmd.Wait()))
	lines := fixture.Lines(t, first+rest)
	assert.Equal(t, `{"type":"STATE","state":{"_shared":{"at":1}}}`, fixture.LastState(lines))
	assert.Contains(t, lines[len(lines)-1], "Sync did not return within")
}

func TestAClosedPipeEndsTheProcessWithStatusOne(t *testing.T) {
	t.Parallel()
	cmd := binary(t, "endless")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(fixture.WithKey), &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, stdout.Close())
	err = cmd.Wait()
	assert.Equal(t, 1, exitCode(t, err))
	assert.NotContains(t, stderr.String(), "panic")
	assert.Contains(t, stderr.String(), "broken pipe")
}

func TestKilledSyncsLoseNothingWhenRestartedFromTheLastState(t *testing.T) {
	t.Parallel()
	lastLine := `{"type":"STATE","state":{}}`
	seen := map[int64]bool{}
	for round := range 6 {
		cmd := binary(t, "endless")
		var request struct{ State json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(lastLine), &request))
		cmd.Stdin = strings.NewReader(`{"secrets":{"api_key":"key-0123456789"},"state":` + string(request.State) + `}`)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		in := bufio.NewReader(stdout)
		for range 200 + 397*round {
			line, err := in.ReadString('\n')
			require.NoError(t, err)
			note(t, seen, line)
			if strings.HasPrefix(line, `{"type":"STATE"`) {
				lastLine = line
			}
		}
		require.NoError(t, cmd.Process.Kill())
		// The pipe may still hold lines. The last one may be incomplete.
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				break
			}
			note(t, seen, line)
			if strings.HasPrefix(line, `{"type":"STATE"`) {
				lastLine = line
			}
		}
		_ = cmd.Wait()
	}
	highest := int64(0)
	for id := range seen {
		highest = max(highest, id)
	}
	assert.Len(t, seen, int(highest), "all lines together hold every row")
	assert.Greater(t, cursorOf(t, lastLine), int64(1000))
}

// note records the id of a row.
func note(t *testing.T, seen map[int64]bool, line string) {
	t.Helper()
	if id, ok := idOf(t, line); ok {
		seen[id] = true
	}
}

func idOf(t *testing.T, line string) (int64, bool) {
	t.Helper()
	var record struct {
		Record struct {
			Shop struct{ Orders struct{ ID int64 } }
		}
	}
	if !strings.HasPrefix(line, `{"type":"RECORD"`) {
		return 0, false
	}
	require.NoError(t, json.Unmarshal([]byte(line), &record), line)
	return record.Record.Shop.Orders.ID, true
}

func highestID(t *testing.T, lines []string) (highest int64) {
	t.Helper()
	for _, line := range lines {
		if id, ok := idOf(t, line); ok {
			highest = max(highest, id)
		}
	}
	return highest
}

func cursorOf(t *testing.T, line string) int64 {
	t.Helper()
	var s struct {
		State struct{ Orders struct{ Cursor int64 } }
	}
	require.NoError(t, json.Unmarshal([]byte(line), &s), line)
	return s.State.Orders.Cursor
}

func TestTheCommandLineWorksWithFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, statePath := filepath.Join(dir, "config.json"), filepath.Join(dir, "state.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"api_key":"key-0123456789"}`), 0o600))
	output := func(want int, args ...string) (string, string) {
		t.Helper()
		cmd := binary(t, "short", args...)
		var out, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &stderr
		assert.Equal(t, want, exitCode(t, cmd.Run()), "%s%s", out.String(), stderr.String())
		return out.String(), stderr.String()
	}

	out, _ := output(0, "schema")
	assert.Contains(t, out, `{"schemas":{"shop":`)
	out, _ = output(0, "schema", "--format", "text")
	assert.Contains(t, out, "shop.orders\n  id")
	assert.NotContains(t, out, " \n", "no line ends in white space")
	out, _ = output(0, "spec")
	assert.Contains(t, out, "writeOnly")
	out, stderr := output(1, "test", "--config", config)
	assert.Equal(t, `{"status":"FAILURE","message":"the key is wrong"}`+"\n", out)
	assert.Contains(t, stderr, "the key is wrong")

	out, stderr = output(0, "sync", "--config", config, "--state", statePath)
	assert.Len(t, fixture.Lines(t, out), 4)
	assert.Contains(t, stderr, `"msg":"table synced"`)
	kept, err := os.ReadFile(statePath)
	require.NoError(t, err)
	assert.Equal(t, `{"orders":{"cursor":2}}`+"\n", string(kept))
	out, _ = output(0, "--log-level", "error", "sync", "--config="+config, "--state="+statePath)
	assert.Contains(t, out, `"id":4`)
	kept, err = os.ReadFile(statePath)
	require.NoError(t, err)
	assert.Equal(t, `{"orders":{"cursor":4}}`+"\n", string(kept))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "no temporary file is left behind")

	out, _ = output(0, "--help")
	assert.Contains(t, out, "api_key")
	out, _ = output(0, "--version")
	assert.Contains(t, out, "v1.2.3")
	for _, wrong := range [][]string{{"fetch"}, {"sync", "now"}, {"schema", "--state", "x"}, {"--config", config}, {"sync", "--nope"}, {"--log-level", "loud", "schema"}, {"schema", "--format", "xml"},
		{"sync", "--time-budget", "0s"}, {"sync", "--time-budget", "-1m"}, {"sync", "--time-budget", "30"}, {"schema", "--time-budget", "1m"},
	} {
		_, stderr = output(2, wrong...)
		assert.Contains(t, stderr, "--help for usage", "%v", wrong)
	}
	for _, wrong := range [][]string{
		{"sync", "--config", filepath.Join(dir, "none.json")},
		{"sync", "--config", config, "--state", filepath.Join(dir, "none", "state.json")},
		{"sync", "--config", config, "--state", config, "--selection", config},
	} {
		output(1, wrong...)
	}
}

func TestEmptyInputIsAnEmptyRequest(t *testing.T) {
	cmd := binary(t, "short") // its standard input is the null device
	out, err := cmd.Output()
	assert.Equal(t, 1, exitCode(t, err))
	assert.Contains(t, string(out), "it is empty")
}
