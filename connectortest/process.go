package connectortest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
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

// start starts the program. The process lasts no longer than tooLong.
func (p *program) start(ctx context.Context, request []byte) (*process, error) {
	ctx, stop := context.WithTimeout(ctx, tooLong)
	run := &process{cmd: exec.CommandContext(ctx, p.path), stop: stop}
	run.cmd.Stdin = bytes.NewReader(request)
	run.cmd.WaitDelay = promptly
	run.cmd.Stderr = &run.stderr
	out, err := run.cmd.StdoutPipe()
	if err == nil {
		err = run.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("the program can't be started: %w", err)
	}
	run.out = out
	return run, nil
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

// An execution is what became of a process.
type execution struct {
	lines   [][]byte
	partial []byte // what follows the last line
	status  int    // -1 if a signal ended it
	ending  string // of standard error
	stderr  string
	took    time.Duration // since something was done to it, or since it began
}

func (e *execution) failure() string {
	text := fmt.Sprintf("exit status %d", e.status)
	if len(e.lines) > 0 {
		text += fmt.Sprintf(" after %d lines, the last of which is: %s", len(e.lines), e.lines[len(e.lines)-1])
	}
	if len(e.partial) > 0 {
		text += fmt.Sprintf("\nand something after it that is no whole line: %s", e.partial)
	}
	return text + e.ending
}

// severe reports whether the last line is a LOG of that level.
func (e *execution) severe() bool {
	if len(e.lines) == 0 {
		return false
	}
	last := append(bytes.Clone(e.lines[len(e.lines)-1]), '\n')
	line, err := stdin.NewReader(bytes.NewReader(last)).Next()
	return err == nil && line.Kind == stdin.Log && line.Level == "SEVERE"
}

// answer returns the lines without the SECRETS lines that may precede the answer
// to any action.
func (e *execution) answer() [][]byte {
	for i, line := range e.lines {
		if !isSecrets(line) {
			return e.lines[i:]
		}
	}
	return nil
}

// isSecrets reports whether a line hands over values of the configuration that
// the source replaced.
func isSecrets(text []byte) bool {
	var head struct{ Type string }
	return json.Unmarshal(text, &head) == nil && head.Type == "SECRETS"
}

// execute gives a request to a process, and does something to it after so many
// lines. A negative number is never.
func (p *program) execute(ctx context.Context, request []byte, after int, do func(*process)) (*execution, error) {
	run, err := p.start(ctx, request)
	if err != nil {
		return nil, err
	}
	e := &execution{}
	began := e.read(run, after, do)
	e.status = run.wait()
	e.took, e.stderr, e.ending = time.Since(began), run.stderr.text(), run.ending()
	return e, nil
}

// maxAnswer is how many bytes of an answer are read: a process that does not end
// when it is told to, and goes on to write, is killed before it fills the memory.
const maxAnswer = 256 << 20

// read reads all lines, and returns when something was done to the process, or
// when it began.
func (e *execution) read(run *process, after int, do func(*process)) (began time.Time) {
	began = time.Now()
	limited := &io.LimitedReader{R: run.out, N: maxAnswer}
	for in := bufio.NewReader(limited); ; {
		if len(e.lines) == after {
			after = -1
			began = time.Now()
			do(run)
		}
		line, err := in.ReadBytes('\n')
		if limited.N <= 0 {
			e.partial = fmt.Appendf(nil, "more than %d MiB: the process was killed", maxAnswer>>20)
			_ = run.cmd.Process.Kill() // it may be over
			return began
		}
		if err != nil { // as a rule there is no more
			e.partial = line
			return began
		}
		e.lines = append(e.lines, bytes.TrimSuffix(line, []byte("\n")))
	}
}
