package main

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"
)

// A process is a running connector.
type process struct {
	cmd     *exec.Cmd
	stdout  *pipe
	stderr  *pipe
	stdin   *os.File
	logs    chan string   // the lines of its standard error; closed at its end
	done    chan struct{} // closed when logs has no reader
	over    chan struct{} // closed when the process and its children have been dealt with
	err     error         // of the process; set before over is closed
	working sync.WaitGroup
}

// graceful is the time a connector has to exit after it is terminated. Then it is killed.
const graceful = 10 * time.Second

// lingering is the time that the children of a connector have after it has exited. As long as
// they hold its pipes open, its output does not end.
const lingering = time.Second

// running holds the processes that have not exited. A second interrupt kills them.
var running struct {
	sync.Mutex
	processes map[*os.Process]bool
}

// started notes that a process runs, until its function ended is called.
func started(p *os.Process) (ended func()) {
	running.Lock()
	defer running.Unlock()
	if running.processes == nil {
		running.processes = map[*os.Process]bool{}
	}
	running.processes[p] = true
	return func() {
		running.Lock()
		defer running.Unlock()
		delete(running.processes, p)
	}
}

// killRunning kills all processes that have not exited, and their children.
func killRunning() {
	running.Lock() // and never unlock: this program exits
	for p := range running.processes {
		kill(p)
	}
}

// startProcess starts a command with a request on its standard input. When stop is closed,
// the process is terminated. If it does not exit within [graceful], it is killed.
func startProcess(cmd *exec.Cmd, request []byte, stop <-chan struct{}) (_ *process, err error) {
	p := &process{cmd: cmd, logs: make(chan string, 100), done: make(chan struct{}), over: make(chan struct{})}
	var files [6]*os.File // pairs of a reading and a writing end
	for i := 0; i < len(files) && err == nil; i += 2 {
		files[i], files[i+1], err = os.Pipe()
	}
	if err == nil {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = files[0], files[3], files[5]
		newProcessGroup(cmd)
		err = cmd.Start()
	}
	for i, f := range files { // the process has its own copies of its ends
		if its := i == 0 || i == 3 || i == 5; f != nil && (its || err != nil) {
			_ = f.Close() // nothing was written to it
		}
	}
	if err != nil {
		return nil, err
	}
	p.stdin, p.stdout, p.stderr = files[1], newPipe(files[2]), newPipe(files[4])
	p.working.Go(func() {
		_, _ = p.stdin.Write(request) // a connector need not read its request
		_ = p.stdin.Close()
	})
	go p.watch(stop)
	return p, nil
}

// watch waits for the process to exit and stops it before if it must. Children that it
// leaves behind are killed.
func (p *process) watch(stop <-chan struct{}) {
	defer close(p.over)
	defer started(p.cmd.Process)()
	exited := make(chan error, 1)
	go func() { exited <- p.cmd.Wait() }()
	select {
	case p.err = <-exited:
	case <-stop:
		_ = terminate(p.cmd.Process) // it may have exited
		select {
		case p.err = <-exited:
		case <-time.After(graceful):
			kill(p.cmd.Process)
			p.err = <-exited
		}
	}
	// A child may hold the other end of the pipe open without reading.
	_ = p.stdin.Close()
	if left := hasChildren(p.cmd.Process); left {
		linger := time.NewTimer(lingering)
		defer linger.Stop()
		for _, pipe := range []*pipe{p.stdout, p.stderr} {
			select {
			case <-pipe.ended:
			case <-linger.C:
				linger.Reset(0)
			}
		}
		kill(p.cmd.Process)
	}
	p.stdout.expire()
	p.stderr.expire()
}

// readLogs sends the lines of standard error to p.logs. The function cut returns where to
// divide a line that is too long.
func (p *process) readLogs(cut func(text []byte) int) {
	p.working.Go(func() {
		defer close(p.logs)
		for line := range logLines(p.stderr, cut) {
			select {
			case p.logs <- line:
			case <-p.done: // logs no longer has a reader
			}
		}
	})
}

// wait waits for the process to exit and returns its exit status, which is -1 if a
// signal ended it. Its standard output must have been read to the end.
func (p *process) wait() (int, error) {
	close(p.done)
	p.working.Wait()
	<-p.over
	p.stdout.close()
	p.stderr.close()
	var exit *exec.ExitError
	if errors.As(p.err, &exit) || p.err == nil {
		return p.cmd.ProcessState.ExitCode(), nil
	}
	return -1, p.err
}
