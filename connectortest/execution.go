package connectortest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

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

// isSecrets reports whether a line hands over values of the configuration that
// the source replaced.
func isSecrets(text []byte) bool {
	var head struct{ Type string }
	return json.Unmarshal(text, &head) == nil && head.Type == "SECRETS"
}

// maxAnswer is how many bytes of an answer are read: a process that does not end
// when it is told to, and goes on to write, is killed before it fills the memory.
const maxAnswer = 256 << 20
