package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A program is what RunBinary proves.
type program struct {
	path    string
	secrets json.RawMessage
	tables  knownTables // once it was asked for them
}

// travel makes a sync, as [suite.travel] does. What cuts the stream kills the
// process.
func (p *program) travel(ctx context.Context, j journey) *delivery {
	d := &delivery{into: j.into, began: time.Now()}
	defer func() { d.ended = time.Now() }()
	if d.into == nil {
		d.into = &Destination{}
	}
	tables, err := p.known(ctx)
	if err != nil {
		d.err = err
		return d
	}
	run, err := p.start(ctx, p.request("sync", p.secrets, j.from, j.selection))
	if err != nil {
		d.err = err
		return d
	}
	var last stdin.Kind
	message := "" // of the last line
	in := stdin.NewReader(run.out)
	for n := 0; d.err == nil; n++ {
		line, err := in.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			last, message = line.Kind, line.Message
			if line.Kind == stdin.Secrets {
				n-- // it is not an operation
				continue
			}
			err = d.take(tables.operation(line), n, j.before)
		}
		if err != nil {
			d.err = err
			_ = run.cmd.Process.Kill() // it may be over
		}
	}
	status := run.wait()
	if d.err == nil && (status != 0 || last != stdin.State) {
		how := fmt.Sprintf("exit status %d after %d lines", status, in.Lines())
		switch last {
		case stdin.State:
			how += ", the last of which is a STATE"
		case stdin.Log:
			how += ", the last of which is the LOG " + strconv.Quote(message)
		case stdin.Record:
			how += ", the last of which is a RECORD"
		case stdin.Secrets:
			how += ", the last of which is a SECRETS"
		}
		d.err = &exitError{how + run.ending()}
	}
	return d
}

// known returns the tables that the program says it has.
func (p *program) known(ctx context.Context) (knownTables, error) {
	if p.tables == nil {
		line, err := p.answerTo(ctx, "schema")
		if err != nil {
			return nil, err
		}
		if p.tables, err = newKnownTables(line); err != nil {
			return nil, fmt.Errorf("the schema: %w", err)
		}
	}
	return p.tables, nil
}

func (p *program) discover(c *check) []*schema.Table {
	tables, err := stdin.ParseSchema(p.ask(c, "schema"))
	if err != nil {
		c.hopeless("the schema: %v", err)
	}
	return tables
}

// request returns the request of an action.
func (p *program) request(action string, secrets, state, tables json.RawMessage) []byte {
	selection := map[string]any{"action": action}
	if tables != nil {
		selection["tables"] = tables
	}
	request, err := json.Marshal(map[string]any{"secrets": secrets, "state": state, "selection": selection})
	if err != nil { // what RunBinary was given is no JSON: the program will say so, too
		return []byte(err.Error())
	}
	return request
}

// answerTo returns the one line that is the answer to an action.
func (p *program) answerTo(ctx context.Context, action string) ([]byte, error) {
	e, err := p.execute(ctx, p.request(action, p.secrets, nil, nil), -1, nil)
	if err != nil {
		return nil, err
	}
	lines := e.answer()
	if e.status != 0 || len(lines) != 1 || len(e.partial) > 0 {
		return nil, &exitError{fmt.Sprintf("the answer to %q: %s", action, e.failure())}
	}
	return lines[0], nil
}

// ask is answerTo, where a subtest can't go on without an answer.
func (p *program) ask(c *check, action string) []byte {
	line, err := p.answerTo(c.Context(), action)
	if err != nil {
		c.hopeless("%v", err)
	}
	return line
}

// apply delivers lines to a platform, and returns the last one's kind.
func (p *program) apply(c *check, d *Destination, lines [][]byte) (last stdin.Kind) {
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
			err = d.Write(p.tables.operation(line))
		}
		if err != nil {
			c.hopeless("%v", err)
		}
	}
}

// A programSecret is a field of the configuration that the spec calls a secret.
type programSecret struct {
	name, value string
	wrong       json.RawMessage // the configuration with another value
}

// secretsOf returns the secrets that the configuration holds.
func (p *program) secretsOf(spec property) []programSecret {
	var found []programSecret
	var configuration map[string]any
	if json.Unmarshal(p.secrets, &configuration) != nil {
		return nil
	}
	var look func(within string, spec property, values map[string]any)
	look = func(within string, spec property, values map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(spec.Properties)) {
			field := spec.Properties[name]
			switch value := values[name].(type) {
			case map[string]any:
				look(within+name+".", field, value)
			case string:
				if field.WriteOnly && value != "" {
					values[name] = wrongSecret
					text, _ := json.Marshal(configuration) // which was JSON before
					values[name] = value
					found = append(found, programSecret{within + name, value, text})
				}
			}
		}
	}
	look("", spec, configuration)
	return found
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
