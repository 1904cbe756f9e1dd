//go:build unix

package host_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

func init() {
	programs["hasty"] = beHasty
	programs["obedient"] = beObedient
	for _, kind := range []string{mortal, immortal, patient} {
		programs[kind] = func() { beStubborn(kind) }
	}
}

// The kinds of stubborn programs.
const (
	mortal   = "mortal"   // dies of a signal
	immortal = "immortal" // exits with a status
	patient  = "patient"  // exits with a status, and its deadline is an hour away
)

// beStubborn is a program whose wire never returns.
func beStubborn(kind string) {
	deadline := 500 * time.Millisecond
	if kind == patient {
		deadline = time.Hour
	}
	host.Main(&fixture.Shop{}, host.With(host.Wire{
		Name:        "stubborn",
		Deadline:    deadline,
		DieOfSignal: kind == mortal,
		Serve: func(p *host.Process) int {
			fmt.Fprintln(p.Stdout, "serving")
			<-p.Context().Done()
			_, told := p.Deadline()
			fmt.Fprintln(p.Stdout, "told to end", told)
			select {}
		},
	}))
}

// beObedient is a program whose wire returns at the first signal, and whose deadline is too
// short for any further wait.
func beObedient() {
	host.Main(&fixture.Shop{}, host.With(host.Wire{
		Name:        "obedient",
		Deadline:    500 * time.Millisecond,
		DieOfSignal: true,
		Serve: func(p *host.Process) int {
			fmt.Fprintln(p.Stdout, "serving")
			<-p.Context().Done()
			return 1
		},
	}))
}

func startStubborn(t *testing.T, kind string) (cmd *exec.Cmd, out *bufio.Reader, stderr io.Reader) {
	t.Helper()
	cmd = fixture.Program(t, kind, "stubborn")
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err = cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	out = bufio.NewReader(pipe)
	awaitLine(t, out, "serving")
	return cmd, out, stderr
}

func awaitLine(t *testing.T, in *bufio.Reader, want string) {
	t.Helper()
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, want, strings.TrimSpace(line))
}

// beHasty prints the grace period of a run whose wire limits it to a second.
func beHasty() {
	host.Main(&fixture.Shop{}, host.With(host.Wire{
		Name:     "hasty",
		Deadline: time.Minute,
		MaxGrace: time.Second,
		Serve: func(p *host.Process) int {
			for _, grace := range []time.Duration{time.Hour, time.Millisecond} {
				fmt.Fprintln(p.Stdout, p.NewRun(slog.DiscardHandler, host.Grace(grace)).Grace())
			}
			return 0
		},
	}))
}

func TestAWireCanLimitTheGracePeriod(t *testing.T) {
	t.Parallel()
	out, err := fixture.Program(t, "hasty", "hasty").Output()
	require.NoError(t, err)
	assert.Equal(t, "1s\n1ms\n", string(out))
}

func TestTheDeadlineEndsAProcessThatIsWaiting(t *testing.T) {
	t.Parallel()
	cmd, out, stderr := startStubborn(t, immortal)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	awaitLine(t, out, "told to end true")
	text, err := io.ReadAll(io.LimitReader(stderr, 1<<20))
	require.NoError(t, err)
	assert.Contains(t, string(text), "still busy 500ms after signal terminated")
	_ = cmd.Wait() // the test checks the status
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
}

func TestASecondSignalDoesNotWaitForTheDeadline(t *testing.T) {
	t.Parallel()
	cmd, out, stderr := startStubborn(t, patient)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	awaitLine(t, out, "told to end true")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	text, err := io.ReadAll(io.LimitReader(stderr, 1<<20))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "still busy")
	_ = cmd.Wait() // the test checks the status
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
}

func TestAProcessDiesOfItsSignalIfTheWireSaysSo(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			cmd, out, stderr := startStubborn(t, mortal)
			require.NoError(t, cmd.Process.Signal(sig))
			awaitLine(t, out, "told to end true")
			_, err := io.ReadAll(io.LimitReader(stderr, 1<<20))
			require.NoError(t, err)
			_ = cmd.Wait() // the test checks the status
			status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
			require.True(t, ok)
			require.True(t, status.Signaled(), "the process exited with status %d", status.ExitStatus())
			assert.Equal(t, sig, status.Signal())
		})
	}
}

// A shell starts the background jobs of a script with SIGINT ignored, and a process inherits
// that.
func TestAProcessThatWasStartedWithAnIgnoredSignalExitsAtOnce(t *testing.T) {
	t.Parallel()
	cmd := fixture.Program(t, "obedient")
	cmd.Args = []string{"sh", "-c", `trap "" INT; exec "$0" obedient`, cmd.Path}
	cmd.Path = "/bin/sh"
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	awaitLine(t, bufio.NewReader(stdout), "serving")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	text, err := io.ReadAll(io.LimitReader(stderr, 1<<20))
	require.NoError(t, err)
	assert.Empty(t, string(text), "the program ended in time")
	_ = cmd.Wait() // the test checks the status
	assert.Equal(t, 128+int(syscall.SIGINT), cmd.ProcessState.ExitCode())
}

func TestABlockedStandardErrorDoesNotDelayTheEndOfAProcess(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	require.NoError(t, writer.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = writer.Write(make([]byte, 1<<20)) // more than the pipe holds
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "PENSTOCK_TEST_PROGRAM="+immortal)
	cmd.Stderr = writer
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	out := bufio.NewReader(stdout)
	awaitLine(t, out, "serving")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	awaitLine(t, out, "told to end true")
	_ = cmd.Wait() // hangs until the test times out if the process does not end
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
}
