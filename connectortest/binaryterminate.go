package connectortest

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

var binaryTerminateRule = rule{
	name:     "Terminate",
	contract: "a process that receives SIGTERM ends within seconds; it writes its last STATE, then a LOG of level SEVERE as the last line, and its exit status is 1; if its reader has stopped reading, it ends within seconds, too, and no line of up to 4,096 bytes is cut (on Linux)",
	fix:      "call penstock.Main in main, and pass the context of Sync to everything that waits",
	check:    checkBinaryTerminate,
}

func checkBinaryTerminate(s *suite, c *check) {
	if runtime.GOOS == "windows" {
		c.Skipf("skipped: Windows has no SIGTERM")
	}
	p := s.program
	length := len(s.baseline(c).platform.operations())
	for _, eighths := range []int{1, 3} {
		// Before its first line, a process may not handle the signal yet.
		lines := max(length*eighths/8, 1)
		history := fmt.Sprintf("terminated after %d lines", lines)
		e, err := p.run(c.Context(), p.request("sync", p.secrets, nil, nil), &intervention{lines, func(run *process) {
			_ = run.cmd.Process.Signal(syscall.SIGTERM) // the process may have ended
		}})
		if err != nil {
			c.fatalf("%v", err)
		}
		var platform Platform
		last := applyLines(p, c, &platform, e.lines)
		switch {
		case e.took > stopTimeout:
			c.failf("a sync was %s, and took %v to end", history, e.took.Round(time.Second))
		case e.status == 0 && last == stdin.State: // it had already ended
		case e.status != 1 || !e.endsWithSevereLog() || len(e.partial) > 0:
			c.failf("a sync was %s, and did not end as the contract demands: %s", history, e.failure())
		}
		if c.Failed() || !s.resumes(c, &platform, history) {
			return
		}
	}
	checkStuckReader(s, c)
}

// checkStuckReader terminates a process whose reader has stopped reading. The pipe is
// small, so that the process has to wait even if the sync is short.
func checkStuckReader(s *suite, c *check) {
	p := s.program
	r, w, err := smallPipe()
	if err != nil {
		return // it is not possible here
	}
	defer r.Close()
	run, err := p.startWith(c.Context(), p.request("sync", p.secrets, nil, nil), func(cmd *exec.Cmd) (io.ReadCloser, error) {
		cmd.Stdout = w
		return hesitantReader{r}, nil
	})
	_ = w.Close() // the process has its own
	if err != nil {
		c.fatalf("%v", err)
	}
	const limit = 2 * stopTimeout // a process may use the whole time until it would be killed
	ended := false
	var took time.Duration
	e := &execution{}
	e.read(run, &intervention{1, func(run *process) {
		began := time.Now()
		_ = run.cmd.Process.Signal(syscall.SIGTERM) // the process may have ended
		late := time.AfterFunc(limit, func() { _ = run.cmd.Process.Kill() })
		e.status, ended = run.wait(), true // the reader reads again when it is too late
		late.Stop()
		took = time.Since(began)
	}})
	if !ended {
		e.status = run.wait()
	}
	const history = "terminated after a line, when its reader had stopped reading"
	if took >= limit {
		c.failf("a sync was %s, and took %v to end", history, took.Round(time.Second))
		return
	}
	if len(e.partial) > 0 && p.longestLine(c) <= maxWholeLine {
		c.failWithf("after the signal, write each line with a call of its own, and don't let a call write more than one line of up to 4,096 bytes to a pipe that is full",
			"a sync was %s; a line is cut after %d bytes: %s", history, len(e.partial), e.partial)
		return
	}
	var platform Platform
	applyLines(p, c, &platform, e.lines)
	s.resumes(c, &platform, history)
}

// maxWholeLine is the length in bytes, with its end, up to which a line is not cut. It is
// the number of bytes that a pipe on Linux accepts as a whole or not at all.
const maxWholeLine = 4096

// longestLine returns the length in bytes of the longest line of an uninterrupted sync,
// with its end.
func (p *program) longestLine(c *check) int {
	e, err := p.run(c.Context(), p.request("sync", p.secrets, nil, nil), nil)
	if err != nil {
		c.fatalf("%v", err)
	}
	longest := 0
	for _, line := range e.lines {
		longest = max(longest, len(line)+1)
	}
	return longest
}

// A hesitantReader reads a few bytes at a time, so that the rest stays in the pipe.
type hesitantReader struct{ io.ReadCloser }

func (r hesitantReader) Read(p []byte) (int, error) { return r.ReadCloser.Read(p[:min(len(p), 16)]) }

// applyLines delivers lines to a platform, and returns the kind of the last one.
func applyLines(p *program, c *check, platform *Platform, lines [][]byte) (last stdin.Kind) {
	all := bytes.Join(lines, []byte("\n"))
	for r := stdin.NewReader(bytes.NewReader(append(all, '\n'))); ; {
		line, err := r.Next()
		if err == io.EOF {
			return last
		}
		if err == nil {
			last = line.Kind
			if line.Kind == stdin.Secrets {
				continue
			}
			err = platform.Write(p.tables.operation(line))
		}
		if err != nil {
			c.fatalf("%v", err)
		}
	}
}
