package connectortest

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

var binaryTerminateRule = rule{
	name:     "Terminate",
	contract: "a process that receives SIGTERM ends within seconds; it writes its last STATE, then a LOG of level SEVERE as the last line, and its exit status is 1",
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
}

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
