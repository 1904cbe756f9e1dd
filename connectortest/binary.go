package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// RunBinary proves a connector's binary, of whatever language: it starts the
// program at path as a platform does, with a request on its standard input, and
// looks at the lines that it writes, at its exit status, and at what becomes of
// the data when the process is killed.
//
// Secrets is the configuration, as the JSON object that requests hold. The
// environment is the test's own. Of the subtests of [Run], whose rules hold for
// programs as well, it has Spec, Schema, Test, Sync, Incremental, Resume,
// Selection, Secrets, Determinism, StateSize and Compatibility. In place of the
// others, which look into the process, it has
//
//	Kill        processes that are killed (kill -9) anywhere, many times in a row,
//	            lose nothing
//	Terminate   one that is told to end (SIGTERM) does so within seconds, with its
//	            last STATE
//	ClosedPipe  one whose reader is gone ends within seconds
//	Garbage     one whose request is none says so
//
// A script that starts another program should exec it, for signals are sent to
// one process alone. A small sync may be over before a signal arrives: a source
// that answers slowly, or has thousands of rows, makes Kill and Terminate say
// more. A program is started some hundred times, or fewer with [Restarts].
func RunBinary(t *testing.T, path string, secrets json.RawMessage, opts ...RunOption) {
	t.Helper()
	newBinarySuite(path, secrets, opts).run(testingT{t})
}

func programRules() []rule {
	incremental, resume, selection, determinism := incrementalRule, resumeRule, selectionRule, determinismRule
	incremental.mend = "save in the state what the rows or the source say and nothing that grows with each sync; write whole rows"
	resume.mend = "write a record first and a STATE that covers it after it, each line in one piece; read from the cursor's value on, that value included, for more rows may bear it"
	selection.mend = "let main be penstock.Main, or leave out what selection.tables of the request says; let nothing depend on a table being selected"
	return []rule{
		{
			name:     "Spec",
			contract: `the answer to {"selection":{"action":"spec"}} is one line with the JSON Schema of the configuration, and exit status 0`,
			mend:     "let main be penstock.Main, and nothing before it write to standard output",
			check:    func(s *suite, c *check) { s.program.spec(c) },
		},
		{
			name:     "Schema",
			contract: `the answer to {"selection":{"action":"schema"}} is one line with the tables, the same each time, and exit status 0; the names of tables and of columns are legal and distinct even where case is folded`,
			mend:     "let Schema return every table, in an order that does not come from a map",
			check: func(s *suite, c *check) {
				s.program.schema(c)
				schemaRule.check(s, c)
			},
		},
		{
			name:     "Test",
			contract: `the answer to {"selection":{"action":"test"}} is one line, with status SUCCESS for a configuration with which a sync succeeds, and FAILURE without a required field or where a sync fails; the exit status is 0`,
			mend:     "let Test make the least request that needs everything Sync needs; if it fails as configured, look whether the secrets that RunBinary was given are those of the source",
			check:    func(s *suite, c *check) { s.program.test(s, c) },
		},
		{
			name:     "Sync",
			contract: "a sync answers with lines that are JSON objects of type RECORD, STATE or LOG; the last one is a STATE, and the exit status is 0; in one table a primary key stands for one row, and an update is of a row that was delivered",
			mend:     "write to standard error what is for people; look for a page that is read twice, for a primary key with a column too few, and for updates where an upsert is meant; a table that is a log of changes is named by Repeats",
			check:    syncRule.check,
		},
		incremental,
		resume,
		{
			name:     "Kill",
			contract: "a process that is killed loses nothing, wherever and however often: from the last STATE line that it wrote, another one delivers what is missing",
			mend:     "write a STATE after the records that it covers, each line in one piece; save where the source is and not how far this one sync came",
			random:   true,
			check:    crashRule.check,
		},
		{
			name:     "Terminate",
			contract: "a process that is told to end (SIGTERM) does so within seconds, with its last STATE, a LOG of level SEVERE as the last line, and exit status 1",
			mend:     "let main be penstock.Main, and hand the context that Sync is given to everything that waits",
			check:    func(s *suite, c *check) { s.program.terminate(s, c) },
		},
		{
			name:     "ClosedPipe",
			contract: "a process whose reader is gone ends within seconds, without a panic, with exit status 1",
			mend:     "let main be penstock.Main, and return the errors of an Emitter's methods",
			check:    func(s *suite, c *check) { s.program.closedPipe(s, c) },
		},
		{
			name:     "Garbage",
			contract: "a request that is none is answered with one LOG line of level SEVERE, and exit status 1",
			mend:     "let main be penstock.Main, which reads the request",
			check:    func(s *suite, c *check) { s.program.garbage(c) },
		},
		selection,
		{
			name:     "Secrets",
			contract: "no secret of the configuration leaves the process but to the source: not in a line of an answer, and not on standard error, neither in plain text nor URL-escaped, in hex, in base64 or broken up for reading",
			mend:     "keep secrets in fields of type connector.Secret, call Reveal only where the source is given it, and log with connector.Logger, which removes them",
			check:    func(s *suite, c *check) { s.program.hush(c) },
		},
		determinism,
		stateSizeRule,
		compatibilityRule,
	}
}

func (p *program) spec(c *check) {
	var spec property
	if line := p.ask(c, "spec"); json.Unmarshal(line, &spec) != nil || spec.Type != "object" {
		c.broken("this is no schema of an object: %s", line)
	}
}

func (p *program) schema(c *check) {
	line := p.ask(c, "schema")
	if again := p.ask(c, "schema"); !bytes.Equal(line, again) {
		c.broken("a second answer is another one:\n%s\n%s", line, again)
	}
}

func (p *program) test(s *suite, c *check) {
	if ok, how := p.tested(c, p.secrets); !ok {
		c.broken("the answer: %s", how)
		return
	}
	var spec property
	var secrets map[string]json.RawMessage
	if json.Unmarshal(p.ask(c, "spec"), &spec) != nil || json.Unmarshal(p.secrets, &secrets) != nil {
		return // which Spec and this test's first answer say
	}
	for _, name := range spec.Required {
		if _, ok := secrets[name]; !ok {
			continue
		}
		lacking := maps.Clone(secrets)
		delete(lacking, name)
		text, _ := json.Marshal(lacking) // which was JSON before
		if ok, how := p.tested(c, text); ok {
			c.broken("without the required field %s, the answer is: %s", name, how)
		}
	}
	for _, secret := range p.secretsOf(spec) {
		wrong := program{path: p.path, secrets: secret.wrong}
		if ok, how := p.tested(c, wrong.secrets); ok && s.succeeds(c) {
			// A source may let everyone in; then a sync must not notice, either.
			if d := wrong.travel(c.Context(), journey{}); d.err != nil {
				c.broken("with a wrong %s, the answer is: %s; and a sync failed: %s", secret.name, how, d.failure())
			}
		}
	}
}

// tested returns the answer to a test, and whether that is success.
func (p *program) tested(c *check, secrets json.RawMessage) (ok bool, how string) {
	e, err := p.execute(c.Context(), p.request("test", secrets, nil, nil), -1, nil)
	if err != nil {
		c.hopeless("%v", err)
	}
	lines := e.answer()
	if e.status != 0 || len(lines) != 1 || len(e.partial) > 0 {
		c.hopeless("a test is answered otherwise: %s", e.failure())
	}
	ok, _, err = stdin.ParseTest(lines[0])
	if err != nil {
		c.hopeless("%v", err)
	}
	return ok, string(lines[0])
}

// hush looks for the secrets in all that the program writes.
func (p *program) hush(c *check) {
	var spec property
	if err := json.Unmarshal(p.ask(c, "spec"), &spec); err != nil {
		c.hopeless("the spec: %v", err)
	}
	secrets := p.secretsOf(spec)
	if len(secrets) == 0 {
		c.Logf("the configuration holds no field that the spec says is a secret: nothing is proved")
	}
	f := &finder{}
	for _, secret := range secrets {
		if len(secret.value) < shortestSecret {
			c.Logf("field %s holds fewer than %d bytes, which may stand anywhere by chance: it is not looked for", secret.name, shortestSecret)
		}
		f.add(secret.name, secret.value)
	}
	f.add("that was given in its place", wrongSecret)
	p.overhear(c, f, "", p.secrets)
	for _, secret := range secrets {
		p.overhear(c, f, " with a wrong "+secret.name, secret.wrong)
	}
}

// overhear looks for secrets in the answers to all actions.
func (p *program) overhear(c *check, f *finder, how string, secrets json.RawMessage) {
	for _, action := range []string{"spec", "schema", "test", "sync"} {
		e, err := p.execute(c.Context(), p.request(action, secrets, nil, nil), -1, nil)
		if err != nil {
			c.hopeless("%v", err)
		}
		for i, line := range e.lines {
			if isSecrets(line) {
				continue // the one line that may hold a secret
			}
			find := f.find
			var head struct{ Type string }
			if json.Unmarshal(line, &head) == nil && (head.Type == "RECORD" || head.Type == "STATE") {
				find = f.findInData
			}
			if field, form, ok := find(string(line)); ok {
				c.broken("line %d of the answer to %q%s holds the secret %s %s", i+1, action, how, field, form)
				return
			}
		}
		if field, form, ok := f.find(e.stderr); ok {
			c.broken("what is written to standard error by the action %q%s holds the secret %s %s: %s", action, how, field, form, around(f, e.stderr))
			return
		}
	}
}

func (p *program) terminate(s *suite, c *check) {
	if runtime.GOOS == "windows" {
		c.Skipf("skipped: Windows has no SIGTERM")
	}
	length := len(s.uninterrupted(c).into.events())
	for _, eighths := range []int{1, 3} {
		// Before its first line a process may not listen yet.
		after := max(length*eighths/8, 1)
		how := fmt.Sprintf("told to end after %d lines", after)
		e, err := p.execute(c.Context(), p.request("sync", p.secrets, nil, nil), after, func(run *process) {
			_ = run.cmd.Process.Signal(syscall.SIGTERM) // it may be over
		})
		if err != nil {
			c.hopeless("%v", err)
		}
		var d Destination
		last := p.apply(c, &d, e.lines)
		switch {
		case e.took > promptly:
			c.broken("a sync was %s, and took %v for it", how, e.took.Round(time.Second))
		case e.status == 0 && last == stdin.State: // it was over
		case e.status != 1 || !e.severe() || len(e.partial) > 0:
			c.broken("a sync was %s, and ended in another way: %s", how, e.failure())
		}
		if c.Failed() || !s.completes(c, &d, how) {
			return
		}
	}
}

func (p *program) closedPipe(s *suite, c *check) {
	length := len(s.uninterrupted(c).into.events())
	for _, eighths := range []int{0, 3} {
		after := length * eighths / 8
		e, err := p.execute(c.Context(), p.request("sync", p.secrets, nil, nil), after, func(run *process) {
			_ = run.out.Close() // a reader that is gone
		})
		if err != nil {
			c.hopeless("%v", err)
		}
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
		e, err := p.execute(c.Context(), []byte(request), -1, nil)
		if err != nil {
			c.hopeless("%v", err)
		}
		if e.status != 1 || len(e.lines) != 1 || !e.severe() {
			c.broken("the request %q: %s", request, e.failure())
		}
	}
}
