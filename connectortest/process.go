package connectortest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A process is a program that was started with a request.
type process struct {
	cmd      *exec.Cmd
	out      io.ReadCloser
	stderr   logBuffer
	ctx      context.Context // the process is killed when it is done
	stop     context.CancelFunc
	syncs    bool                           // the request is for a sync
	replaced func(values map[string]string) // stores secrets that the source has replaced
	watch    *quietWatch
	killed   atomic.Bool // by the watch
	timedOut bool        // the process was killed after syncTimeout
}

// wait waits for the end of the process and returns its exit status, or -1 if a
// signal ended it.
func (run *process) wait() int {
	defer run.stop()
	_ = run.cmd.Wait() // the exit status contains its error
	run.watch.stop()
	run.timedOut = errors.Is(run.ctx.Err(), context.DeadlineExceeded)
	return run.cmd.ProcessState.ExitCode()
}

// kill kills the process.
func (run *process) kill() {
	if run.cmd.Process.Kill() == nil { // otherwise it has ended
		run.killed.Store(true)
	}
}

// terminate tells the process to end.
func (run *process) terminate() {
	if run.cmd.Process.Signal(syscall.SIGTERM) != nil { // Windows has no such signal
		_ = run.cmd.Process.Kill() // the process may have ended
	}
}

// newProcessWatch returns a watch of a process. With Endless, it terminates a process
// whose sync is caught up, and kills it if that does not end it. Otherwise, it kills a
// process that makes no progress.
func (s *suite) newProcessWatch(run *process) *quietWatch {
	w := &quietWatch{volatile: s.volatileState, tick: time.Second}
	if !s.endless || !run.syncs {
		w.end = run.kill
		w.limit = func(p *syncProgress) time.Duration {
			if !p.delivered {
				return silenceLimit // a process may start slowly, also in a test with a shorter limit
			}
			return s.silenceLimit
		}
		return w
	}
	quiet := cmp.Or(s.quiet, defaultQuiet)
	w.tick = min(w.tick, quiet)
	limit, start := quietLimit(quiet, s.findings.baseline, s.volatileState), behindFactor*s.findings.slowestAnswer
	w.limit = func(p *syncProgress) time.Duration {
		if !p.delivered {
			return limit(p) + start // before it handles signals, SIGTERM would kill it
		}
		return limit(p)
	}
	w.end, w.killAfter, w.kill = run.terminate, s.stopTimeout, run.kill
	return w
}

// hang says why the process had to be killed, or returns "". The process has ended.
func (run *process) hang(s *suite) string {
	hint := ""
	if run.syncs && !s.endless {
		hint = "; " + endlessHint
	}
	switch {
	case run.killed.Load() && run.syncs && s.endless:
		return fmt.Sprintf("it was caught up and received SIGTERM, had not ended after %v, and was killed", s.stopTimeout)
	case run.killed.Load():
		return fmt.Sprintf("it wrote nothing new for %v, and was killed%s", s.silenceLimit, hint)
	case run.timedOut && run.syncs && s.endless:
		return fmt.Sprintf("it did not end within %v, and was killed, because it was never quiet for as long as the option Endless says", syncTimeout)
	case run.timedOut:
		return fmt.Sprintf("it did not end within %v, and was killed%s", syncTimeout, hint)
	}
	return ""
}

// observe tells the watch of a line that is not delivered to a platform.
func (run *process) observe(text []byte) {
	var line struct {
		Type  string
		State json.RawMessage
	}
	op := &host.Operation{Kind: host.OpUpsert}
	switch _ = json.Unmarshal(text, &line); line.Type { // RunBinary also tests programs that write something else
	case "LOG":
		op.Kind = host.OpWarning
	case "STATE":
		op.Kind, op.State = host.OpCheckpoint, line.State
	}
	_ = run.watch.write(op, func() error { return nil })
}

// A lastLine describes the last line that a process has written.
type lastLine struct {
	lines   int // that were written
	kind    stdin.Kind
	level   string // of a LOG
	message string // of a LOG
}

// deliver delivers the lines of a sync. If one of them cannot be delivered, it kills
// the process.
func (run *process) deliver(d *delivery, tables knownTables, before func(int, *host.Operation) error) lastLine {
	var last lastLine
	in := stdin.NewReader(run.out)
	for n := 0; d.err == nil; n++ {
		line, err := in.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			last = lastLine{in.Lines(), line.Kind, line.Level, line.Message}
			if line.Kind == stdin.Secrets {
				run.replaced(line.Secrets)
			}
			if line.Kind == stdin.Secrets || line.Level == "SEVERE" {
				n-- // not an operation; the second announces the end of the process
				continue
			}
			op := tables.operation(line)
			err = run.watch.write(op, func() error { return d.write(op, n, before) })
		}
		if err != nil {
			d.err = err
			_ = run.cmd.Process.Kill() // the process may have ended
		}
	}
	return last
}

func (l lastLine) String() string {
	text := fmt.Sprintf("%d lines", l.lines)
	switch l.kind {
	case stdin.State:
		text += ", the last of which is a STATE"
	case stdin.Log:
		text += ", the last of which is the LOG " + strconv.Quote(l.message)
	case stdin.Record:
		text += ", the last of which is a RECORD"
	case stdin.Secrets:
		text += ", the last of which is a SECRETS"
	}
	return text
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
