package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A program is an executable that RunBinary tests.
type program struct {
	suite   *suite
	path    string
	secrets json.RawMessage // with the values that the source has replaced since
	tables  knownTables     // nil until they are needed
	rotates bool            // the source has replaced a secret
	parent  *program        // of a program with another configuration
}

// withSecrets returns the program with another configuration.
func (p *program) withSecrets(secrets json.RawMessage) *program {
	return &program{suite: p.suite, path: p.path, secrets: secrets, parent: p}
}

// start starts the program with a request and command-line arguments. It kills the process
// after syncTimeout, or if it makes no progress for long. After that it starts no more
// processes, so that a test does not wait again and again.
func (p *program) start(ctx context.Context, request []byte, args ...string) (*process, error) {
	return p.startWith(ctx, request, (*exec.Cmd).StdoutPipe, args...)
}

// startWith is start with a function that makes the pipe for the standard output.
func (p *program) startWith(ctx context.Context, request []byte, pipe func(*exec.Cmd) (io.ReadCloser, error), args ...string) (*process, error) {
	if hang := p.suite.findings.hang; hang != "" {
		return nil, &exitError{"the program is not started again, because an earlier process did not end: " + hang}
	}
	ctx, stop := context.WithTimeout(ctx, syncTimeout)
	run := &process{cmd: exec.CommandContext(ctx, p.path, args...), stop: stop, ctx: ctx, syncs: bytes.Contains(request, []byte(`"action":"sync"`))}
	run.cmd.Stdin = bytes.NewReader(request)
	run.cmd.WaitDelay = stopTimeout
	run.cmd.Stderr = &run.stderr
	out, err := pipe(run.cmd)
	if err == nil {
		err = run.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("start the program: %w", err)
	}
	run.out = out
	run.replaced = func(values map[string]string) { p.replace(request, values) }
	run.watch = p.suite.newProcessWatch(run)
	run.watch.start()
	return run, nil
}

// An intervention does something to a process that has written a number of lines, other
// than SECRETS lines.
type intervention struct {
	after int
	do    func(*process)
}

// run runs the program to its end. do may be nil.
func (p *program) run(ctx context.Context, request []byte, do *intervention, args ...string) (*execution, error) {
	run, err := p.start(ctx, request, args...)
	if err != nil {
		return nil, err
	}
	e := &execution{}
	began := e.read(run, do)
	e.status = run.wait()
	if do == nil { // otherwise the caller checks how long the process took
		if err := p.hung(run); err != nil {
			return nil, err
		}
	}
	if told := run.watch.ended().at; told.After(began) {
		began = told
	}
	e.took, e.stderr, e.stderrTail = time.Since(began), run.stderr.text(), run.stderrTail()
	return e, nil
}

// hung returns an error if the process had to be killed, because it did not end, and
// records that. The process has ended.
func (p *program) hung(run *process) error {
	hang := run.hang(p.suite)
	if hang == "" {
		return nil
	}
	p.suite.findings.hang = hang
	return &exitError{hang + run.stderrTail()}
}

// request returns the request of an action.
func (p *program) request(action string, secrets, state, tables json.RawMessage) []byte {
	selection := map[string]any{"action": action}
	if tables != nil {
		selection["tables"] = tables
	}
	request, err := json.Marshal(map[string]any{"secrets": secrets, "state": state, "selection": selection})
	if err != nil { // the secrets of RunBinary are not JSON, which the program reports, too
		return []byte(err.Error())
	}
	return request
}

// answer returns the line that answers an action.
func (p *program) answer(ctx context.Context, action string) ([]byte, error) {
	e, err := p.run(ctx, p.request(action, p.secrets, nil, nil), nil)
	if err != nil {
		return nil, err
	}
	p.suite.findings.slowestAnswer = max(p.suite.findings.slowestAnswer, e.took)
	lines := e.answer()
	if e.status != 0 || len(lines) != 1 || len(e.partial) > 0 {
		return nil, &exitError{fmt.Sprintf("the answer to %q is not one line: %s", action, e.failure())}
	}
	return lines[0], nil
}

// mustAnswer is like answer, but ends the subtest if there is no answer.
func (p *program) mustAnswer(c *check, action string) []byte {
	line, err := p.answer(c.Context(), action)
	if err != nil {
		c.fatalf("%v", err)
	}
	return line
}

// discover returns the tables of the program.
func (p *program) discover(c *check) []*schema.Table {
	tables, err := stdin.ParseSchema(p.mustAnswer(c, "schema"))
	if err != nil {
		c.fatalf("parse the schema: %v", err)
	}
	return tables
}

// known returns the tables of the program. It starts the program the first time.
func (p *program) known(ctx context.Context) (knownTables, error) {
	if p.tables == nil {
		line, err := p.answer(ctx, "schema")
		if err != nil {
			return nil, err
		}
		if p.tables, err = newKnownTables(line); err != nil {
			return nil, fmt.Errorf("parse the schema: %w", err)
		}
	}
	return p.tables, nil
}

// sync runs a sync, as suite.sync does. If a.before returns an error, it kills the
// process.
func (p *program) sync(ctx context.Context, a attempt) *delivery {
	d := &delivery{platform: a.platform, began: time.Now()}
	defer func() { d.ended = time.Now() }()
	if d.platform == nil {
		d.platform = &Platform{}
	}
	tables, err := p.known(ctx)
	if err != nil {
		d.err = err
		return d
	}
	run, err := p.start(ctx, p.request("sync", p.secrets, a.from, a.selection))
	if err != nil {
		d.err = err
		return d
	}
	last := run.deliver(d, tables, a.before)
	status, end := run.wait(), run.watch.ended()
	told := run.syncs && p.suite.endless && !end.at.IsZero()
	d.neverSaved = told && end.progress.delivered && end.progress.checkpoints == 0
	hang := p.hung(run)
	switch {
	case d.err != nil: // and the process was killed
	case hang != nil:
		d.err = hang
	case status == 0 && last.kind == stdin.State:
	case told && (runtime.GOOS == "windows" || status == 1 && last.level == "SEVERE"):
	default:
		ending := fmt.Sprintf("exit status %d after %s", status, last)
		if told {
			ending = "after SIGTERM, " + ending
		}
		d.err = &exitError{ending + run.stderrTail()}
	}
	return d
}
