package connectortest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/connector/answer"
)

// RunBinary proves a connector's binary, of whatever language: it starts the
// program at path as a platform does, with a request on its standard input, and
// looks at the lines that it writes, at its exit status, and at what becomes of
// the data when the process is killed.
//
// Secrets is the configuration, as the JSON object that requests hold. The
// environment is the test's own. The subtests are Spec, Schema, Test, Sync,
// Kill, Terminate, ClosedPipe and Garbage; each failure says the rule. [Skip] and
// [Volatile] are the options that it knows; any other fails the test.
//
// A small sync may be over before a signal arrives: a source that answers
// slowly, or has thousands of rows, makes Kill and Terminate say more.
func RunBinary(t *testing.T, path string, secrets json.RawMessage, opts ...RunOption) {
	t.Helper()
	newProgram(path, secrets, opts).run(testingT{t})
}

// A program is one call of RunBinary.
type program struct {
	path    string
	secrets json.RawMessage
	skipped map[string]string
	unknown []string // options
	compare comparison
	tables  knownTables
	whole   *Destination // after an uninterrupted sync
}

func newProgram(path string, secrets json.RawMessage, opts []RunOption) *program {
	s := newSuite(nil, opts)
	p := &program{path: path, secrets: secrets, skipped: s.skipped, compare: comparison{overlap: true, volatile: s.volatile}}
	for _, opt := range opts {
		if opt.name != "Skip" && opt.name != "Volatile" {
			p.unknown = append(p.unknown, opt.name)
		}
	}
	return p
}

// A programRule is a subtest of RunBinary.
type programRule struct {
	rule
	check func(*program, *check)
}

func programRules() []programRule {
	return []programRule{
		{rule{
			name:     "Spec",
			contract: `the answer to {"selection":{"action":"spec"}} is one line with the JSON Schema of the configuration, and exit status 0`,
			mend:     "let main be connector.Main, and nothing before it write to standard output",
		}, (*program).spec},
		{rule{
			name:     "Schema",
			contract: `the answer to {"selection":{"action":"schema"}} is one line with the tables, the same each time, and exit status 0`,
			mend:     "let Schema return every table, in an order that does not come from a map",
		}, (*program).schema},
		{rule{
			name:     "Test",
			contract: `the answer to {"selection":{"action":"test"}} is one line with status SUCCESS, and exit status 0`,
			mend:     "look whether the secrets that RunBinary was given are those of the source",
		}, (*program).test},
		{rule{
			name:     "Sync",
			contract: "a sync answers with lines that are JSON objects of type RECORD, STATE or LOG; the last one is a STATE, and the exit status is 0",
			mend:     "write to standard error what is for people",
		}, func(p *program, c *check) { p.uninterrupted(c) }},
		{rule{
			name:     "Kill",
			contract: "a process that is killed loses nothing: from the last STATE line that it wrote, another one delivers what is missing",
			mend:     "write a STATE after the records that it covers, each line in one piece; see what Resume and Crash of Run say",
		}, (*program).kill},
		{rule{
			name:     "Terminate",
			contract: "a process that is told to end (SIGTERM) does so within seconds, with its last STATE, a LOG of level SEVERE as the last line, and exit status 1",
			mend:     "let main be connector.Main, and hand the context that Sync is given to everything that waits",
		}, (*program).terminate},
		{rule{
			name:     "ClosedPipe",
			contract: "a process whose reader is gone ends within seconds, without a panic, with exit status 1",
			mend:     "let main be connector.Main, and return the errors of an Emitter's methods",
		}, (*program).closedPipe},
		{rule{
			name:     "Garbage",
			contract: "a request that is none is answered with one LOG line of level SEVERE, and exit status 1",
			mend:     "let main be connector.Main, which reads the request",
		}, (*program).garbage},
	}
}

func (p *program) run(t tb) {
	all := programRules()
	for name := range p.skipped {
		if !slices.ContainsFunc(all, func(r programRule) bool { return r.name == name }) {
			t.Errorf("Skip: there is no subtest %q", name)
		}
	}
	for _, name := range p.unknown {
		t.Errorf("the option %s is one of Run, not of RunBinary", name)
	}
	for _, r := range all {
		t.Run(r.name, func(t tb) {
			if reason, ok := p.skipped[r.name]; ok {
				t.Skipf("skipped: %s\ncontract: %s", reason, r.contract)
			}
			r.check(p, &check{tb: t, rule: r.rule})
		})
	}
}

// An execution is what became of a process.
type execution struct {
	lines   [][]byte
	partial []byte // what follows the last line
	status  int    // -1 if a signal ended it
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
	if e.stderr != "" {
		text += "\nthe end of standard error:\n    " + strings.ReplaceAll(strings.TrimSpace(e.stderr), "\n", "\n    ")
	}
	return text
}

// severe reports whether the last line is a LOG of that level.
func (e *execution) severe() bool {
	if len(e.lines) == 0 {
		return false
	}
	last := append(bytes.Clone(e.lines[len(e.lines)-1]), '\n')
	line, err := answer.NewReader(bytes.NewReader(last)).Next()
	return err == nil && line.Kind == answer.Log && line.Level == "SEVERE"
}

// execute gives a request to a process, and does something to it after so many
// lines. A negative number is never.
func (p *program) execute(c *check, request []byte, after int, do func(*os.Process, io.Closer)) *execution {
	ctx, stop := context.WithTimeout(c.Context(), tooLong)
	defer stop()
	cmd := exec.CommandContext(ctx, p.path)
	cmd.Stdin = bytes.NewReader(request)
	cmd.WaitDelay = promptly
	stderr := &tail{}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.hopeless("the program can't be started: %v", err)
	}
	e := &execution{}
	began := time.Now()
	for r := bufio.NewReader(out); ; {
		if len(e.lines) == after {
			after = -1
			began = time.Now()
			do(cmd.Process, out)
		}
		line, err := r.ReadBytes('\n')
		if err != nil {
			e.partial = line
			break
		}
		e.lines = append(e.lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	_ = cmd.Wait() // the status says it
	e.took, e.status, e.stderr = time.Since(began), cmd.ProcessState.ExitCode(), stderr.text()
	return e
}

// request returns the request of an action.
func (p *program) request(c *check, action string, state json.RawMessage) []byte {
	request, err := json.Marshal(map[string]any{
		"secrets": p.secrets, "state": state, "selection": map[string]string{"action": action},
	})
	if err != nil {
		c.hopeless("the secrets that RunBinary was given are no JSON: %v", err)
	}
	return request
}

// ask returns the one line that is the answer to a request.
func (p *program) ask(c *check, action string) []byte {
	e := p.execute(c, p.request(c, action, nil), -1, nil)
	if e.status != 0 || len(e.lines) != 1 || len(e.partial) > 0 {
		c.hopeless("the answer to %q: %s", action, e.failure())
	}
	return e.lines[0]
}

func (p *program) spec(c *check) {
	var spec struct {
		Type string `json:"type"`
	}
	if line := p.ask(c, "spec"); json.Unmarshal(line, &spec) != nil || spec.Type != "object" {
		c.broken("this is no schema of an object: %s", line)
	}
}

func (p *program) schema(c *check) {
	line := p.ask(c, "schema")
	if again := p.ask(c, "schema"); !bytes.Equal(line, again) {
		c.broken("a second answer is another one:\n%s\n%s", line, again)
	}
	if tables, err := newKnownTables(line); err != nil || len(tables) == 0 {
		c.broken("it has no tables (error %v): %s", err, line)
	}
}

func (p *program) test(c *check) {
	var answer struct{ Status string }
	if line := p.ask(c, "test"); json.Unmarshal(line, &answer) != nil || answer.Status != "SUCCESS" {
		c.broken("the answer: %s", line)
	}
}

// apply delivers lines to a platform, and returns the last one's kind.
func (p *program) apply(c *check, d *Destination, lines [][]byte) (last answer.Kind) {
	if p.tables == nil {
		tables, err := newKnownTables(p.ask(c, "schema"))
		if err != nil {
			c.hopeless("the schema: %v", err)
		}
		p.tables = tables
	}
	all := bytes.Join(lines, []byte("\n"))
	for r := answer.NewReader(bytes.NewReader(append(all, '\n'))); ; {
		line, err := r.Next()
		if err == io.EOF {
			return last
		}
		if err == nil {
			last = line.Kind
			err = p.tables.deliver(d, line)
		}
		if err != nil {
			c.hopeless("%v", err)
		}
	}
}

// uninterrupted returns what a platform has after a sync from nothing to the
// end.
func (p *program) uninterrupted(c *check) *Destination {
	if p.whole == nil {
		var d Destination
		p.finish(c, &d, "from nothing")
		p.whole = &d
	}
	return p.whole
}

// finish makes a sync from a platform's last state to the end.
func (p *program) finish(c *check, d *Destination, how string) {
	e := p.execute(c, p.request(c, "sync", d.lastState()), -1, nil)
	last := p.apply(c, d, e.lines)
	if e.status != 0 || last != answer.State || len(e.partial) > 0 {
		c.hopeless("a sync %s did not end with a STATE and exit status 0: %s", how, e.failure())
	}
}

// completes is finish, and reports what is then not as it should be.
func (p *program) completes(c *check, d *Destination, how string) {
	at := d.lastState()
	p.finish(c, d, "that went on from one that was "+how)
	if diff := p.compare.diff(d, p.uninterrupted(c)); diff != "" {
		c.broken("a sync was %s, and another went on from its last state to the end; together they delivered something else than one sync does:\n%s\nthe state: %s", how, diff, at)
	}
}

func (p *program) kill(c *check) {
	length := len(p.uninterrupted(c).events())
	for _, eighths := range []int{0, 1, 2, 4, 6, 7} {
		after := length * eighths / 8
		var d Destination
		for range 2 { // the second one goes on from the first
			e := p.execute(c, p.request(c, "sync", d.lastState()), after, func(process *os.Process, _ io.Closer) {
				_ = process.Kill() // it may be over
			})
			p.apply(c, &d, e.lines)
		}
		if p.completes(c, &d, fmt.Sprintf("killed after %d lines, and so was the one that went on from it", after)); c.Failed() {
			return
		}
	}
}

func (p *program) terminate(c *check) {
	if runtime.GOOS == "windows" {
		c.Skipf("skipped: Windows has no SIGTERM")
	}
	length := len(p.uninterrupted(c).events())
	for _, eighths := range []int{1, 3} {
		// Before its first line a process may not listen yet.
		after := max(length*eighths/8, 1)
		how := fmt.Sprintf("told to end after %d lines", after)
		e := p.execute(c, p.request(c, "sync", nil), after, func(process *os.Process, _ io.Closer) {
			_ = process.Signal(syscall.SIGTERM) // it may be over
		})
		var d Destination
		last := p.apply(c, &d, e.lines)
		switch {
		case e.took > promptly:
			c.broken("a sync was %s, and took %v for it", how, e.took.Round(time.Second))
		case e.status == 0 && last == answer.State: // it was over
		case e.status != 1 || !e.severe() || len(e.partial) > 0:
			c.broken("a sync was %s, and ended in another way: %s", how, e.failure())
		}
		if c.Failed() {
			return
		}
		p.completes(c, &d, how)
	}
}

func (p *program) closedPipe(c *check) {
	length := len(p.uninterrupted(c).events())
	for _, eighths := range []int{0, 3} {
		after := length * eighths / 8
		e := p.execute(c, p.request(c, "sync", nil), after, func(_ *os.Process, out io.Closer) {
			_ = out.Close() // a reader that is gone
		})
		switch {
		case e.took > promptly:
			c.broken("the reader was gone after %d lines, and the process went on for %v", after, e.took.Round(time.Second))
		case e.status != 0 && e.status != 1: // 0 is one that was over
			c.broken("the reader was gone after %d lines: %s", after, e.failure())
		}
	}
}

func (p *program) garbage(c *check) {
	for _, request := range []string{"", "garbage", "{", "[]", `{"selection":{"action":"dance"}}`} {
		e := p.execute(c, []byte(request), -1, nil)
		if e.status != 1 || len(e.lines) != 1 || !e.severe() {
			c.broken("the request %q: %s", request, e.failure())
		}
	}
}
