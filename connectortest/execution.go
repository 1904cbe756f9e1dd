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

// An execution records what a process did.
type execution struct {
	lines      [][]byte
	partial    []byte // output after the last complete line
	status     int    // -1 if a signal ended the process
	stderr     string
	stderrTail string
	took       time.Duration // since the intervention, or since the start
}

// failure describes the end of the process for a report.
func (e *execution) failure() string {
	text := fmt.Sprintf("exit status %d", e.status)
	if len(e.lines) > 0 {
		text += fmt.Sprintf(" after %d lines, the last of which is: %s", len(e.lines), e.lines[len(e.lines)-1])
	}
	if len(e.partial) > 0 {
		text += fmt.Sprintf("\nand an incomplete line: %s", e.partial)
	}
	return text + e.stderrTail
}

// endsWithSevereLog reports whether the last line is a LOG of level SEVERE.
func (e *execution) endsWithSevereLog() bool {
	if len(e.lines) == 0 {
		return false
	}
	last := append(bytes.Clone(e.lines[len(e.lines)-1]), '\n')
	line, err := stdin.NewReader(bytes.NewReader(last)).Next()
	return err == nil && line.Kind == stdin.Log && line.Level == "SEVERE"
}

// answer returns the lines after the SECRETS lines, which may precede the answer to
// any action.
func (e *execution) answer() [][]byte {
	for i, line := range e.lines {
		if !isSecretsLine(line) {
			return e.lines[i:]
		}
	}
	return nil
}

// isSecretsLine reports whether a line is a SECRETS line, which returns values of the
// configuration that the source has replaced.
func isSecretsLine(text []byte) bool {
	var head struct{ Type string }
	return json.Unmarshal(text, &head) == nil && head.Type == "SECRETS"
}

// maxOutput is the number of bytes of output that are read. A process that does not
// end when it should, and continues to write, is killed before it fills the memory.
const maxOutput = 256 << 20

// read reads all lines. It returns the time of the intervention or, without one, of
// the start.
func (e *execution) read(run *process, do *intervention) (began time.Time) {
	began = time.Now()
	counted := 0 // lines other than SECRETS
	limited := &io.LimitedReader{R: run.out, N: maxOutput}
	for in := bufio.NewReader(limited); ; {
		if do != nil && counted == do.after {
			began = time.Now()
			do.do(run)
			do = nil
		}
		line, err := in.ReadBytes('\n')
		if limited.N <= 0 {
			e.partial = fmt.Appendf(nil, "more than %d MiB: the process was killed", maxOutput>>20)
			_ = run.cmd.Process.Kill() // the process may have ended
			return began
		}
		if err != nil { // usually io.EOF
			e.partial = line
			return began
		}
		if isSecretsLine(line) {
			var replaced struct{ Secrets map[string]string }
			_ = json.Unmarshal(line, &replaced) // a rule reports lines that are not valid
			run.replaced(replaced.Secrets)
		} else {
			counted++
		}
		e.lines = append(e.lines, bytes.TrimSuffix(line, []byte("\n")))
		run.observe(line)
	}
}
