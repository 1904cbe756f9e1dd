package connectortest

import (
	"context"
	"io"
	"os/exec"
	"strings"
)

// A process is a program that was started with a request.
type process struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	stderr logBuffer
	stop   context.CancelFunc
}

// wait waits for the end of the process and returns its exit status, or -1 if a
// signal ended it.
func (run *process) wait() int {
	defer run.stop()
	_ = run.cmd.Wait() // the exit status contains its error
	return run.cmd.ProcessState.ExitCode()
}

// stderrTail returns the last lines of standard error for a report, or "".
func (run *process) stderrTail() string {
	lines := strings.Split(strings.TrimSpace(run.stderr.text()), "\n")
	if lines[0] == "" {
		return ""
	}
	lines = lines[max(len(lines)-10, 0):]
	return "\nthe end of standard error:\n    " + strings.Join(lines, "\n    ")
}

// An exitError describes an unexpected end of a process.
type exitError struct{ ending string }

func (e *exitError) Error() string { return e.ending }
