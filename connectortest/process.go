package connectortest

import (
	"context"
	"io"
	"os/exec"
	"strings"
)

// An exitError says how a process ended that should not have ended so.
type exitError struct{ how string }

func (e *exitError) Error() string { return e.how }

// A process is a program that was started with a request.
type process struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	stderr transcript
	stop   context.CancelFunc
}

// wait waits for the end of a process and returns its exit status, which is -1
// if a signal ended it.
func (run *process) wait() int {
	defer run.stop()
	_ = run.cmd.Wait() // the status says it
	return run.cmd.ProcessState.ExitCode()
}

// ending returns the end of standard error, for a report.
func (run *process) ending() string {
	lines := strings.Split(strings.TrimSpace(run.stderr.text()), "\n")
	if lines[0] == "" {
		return ""
	}
	lines = lines[max(len(lines)-10, 0):]
	return "\nthe end of standard error:\n    " + strings.Join(lines, "\n    ")
}
