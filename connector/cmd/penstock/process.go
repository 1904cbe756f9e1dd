package main

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"strings"
	"sync"
)

// A process is a running connector.
type process struct {
	cmd     *exec.Cmd
	stdout  io.Reader
	stderr  io.Reader
	logs    chan string   // the lines of its standard error; closed at its end
	done    chan struct{} // closed when logs has no reader
	over    chan struct{} // closed when the process has exited
	reading sync.WaitGroup
}

// readLogs sends the lines of standard error to p.logs.
func (p *process) readLogs() {
	defer close(p.logs)
	in := bufio.NewReader(p.stderr)
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			select {
			case p.logs <- line:
			case <-p.done: // logs no longer has a reader
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits for the process to exit and returns its exit status, which is -1 if a
// signal ended it. Its standard output must have been read to the end.
func (p *process) wait() (int, error) {
	close(p.done)
	p.reading.Wait()
	err := p.cmd.Wait()
	close(p.over)
	var exit *exec.ExitError
	if errors.As(err, &exit) || err == nil {
		return p.cmd.ProcessState.ExitCode(), nil
	}
	return -1, err
}
