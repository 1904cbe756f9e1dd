//go:build unix

package fivetran_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// A serverProcess is a running server.
type serverProcess struct {
	cmd            *exec.Cmd
	address        string // on which it serves
	stdout, stderr *outputLog
	ended          chan struct{} // closed when the process has ended
}

// onLoopback are arguments that select the host and a free port.
var onLoopback = []string{"fivetran", "--port", "0", "--address", "127.0.0.1"}

// builtCommand returns the command of a program that [built] builds. Its environment does not
// change its log.
func builtCommand(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t, name), args...)
	cmd.Env = append(os.Environ(), "PENSTOCK_LOG_LEVEL=", "PENSTOCK_LOG_FORMAT=")
	return cmd
}

// serveBuilt starts a server of a program that [built] builds.
func serveBuilt(t testing.TB, name string) *serverProcess {
	t.Helper()
	return startServer(t, builtCommand(t, name, onLoopback...))
}

// serveProgram starts a server of one of the programs of this test binary.
func serveProgram(t testing.TB, name string, args ...string) *serverProcess {
	t.Helper()
	cmd := fixture.Program(t, name, append(append([]string{"shop"}, onLoopback...), args...)...)
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0") // the race detector delays the exit by a second
	return startServer(t, cmd)
}

var servingOn = regexp.MustCompile(`serving gRPC on ([^ "]+)`)

// startServer starts a command and waits until it serves. The end of the test kills it.
func startServer(t testing.TB, cmd *exec.Cmd) *serverProcess {
	t.Helper()
	s := launch(t, cmd)
	s.address = servingOn.FindStringSubmatch(s.stdout.await(t, "serving gRPC on "))[1]
	return s
}

// launch starts a command, whose output it collects.
func launch(t testing.TB, cmd *exec.Cmd) *serverProcess {
	t.Helper()
	s := &serverProcess{cmd: cmd, stdout: newOutputLog(), stderr: newOutputLog(), ended: make(chan struct{})}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = s.stderr
	require.NoError(t, cmd.Start())
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(s.stdout, out)
		_ = cmd.Wait() // status returns the result
		s.stdout.end()
		s.stderr.end()
	}()
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the output of the server:\n%s\n%s", tail(s.stdout), tail(s.stderr))
		}
	})
	return s
}

// tail returns the last lines of an output.
func tail(l *outputLog) string {
	lines := l.lines()
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// kill kills the process and waits for its end.
func (s *serverProcess) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
}

// signal sends a signal to the process.
func (s *serverProcess) signal(t testing.TB, sig os.Signal) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(sig))
}

// status waits for the end of the process and returns its exit status.
func (s *serverProcess) status() int {
	<-s.ended
	return s.cmd.ProcessState.ExitCode()
}

// run runs a command that does not serve, to its end.
func run(t testing.TB, cmd *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, errors_ strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errors_
	err := cmd.Run()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errors_.String()
}
