package stdin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/hosttest"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func TestHost(t *testing.T) {
	t.Parallel()
	hosttest.Run(t, hosttest.Adapter{
		Serve: serveLines,
		Form:  true, Updates: true, Truncates: true, Warnings: true, NewTables: true, NewColumns: true, UnconfiguredSchema: true, ReplacedSecrets: true,
		Column: func(c schema.Column) schema.Column {
			c.Nullable, c.Description = false, ""
			return c
		},
	})
}

// serveLines is the adapter's Serve for this wire.
func serveLines(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
	request, err := requestOf(ctx, c, req)
	if err != nil {
		return err
	}
	d := &eventDecoder{action: req.Action}
	d.lines = stdin.NewReader(&d.in)
	return hosttest.Lines(func(w io.Writer) error {
		return stdin.Serve(ctx, c, bytes.NewReader(request), w, opts...)
	}, d.decode, take, req.Stuck)
}

// An eventDecoder decodes the lines of an answer.
type eventDecoder struct {
	action hosttest.Action
	in     bytes.Buffer // the line that lines reads next
	lines  *stdin.Reader
}

func (d *eventDecoder) decode(line []byte) (*hosttest.Event, error) {
	e, err := d.event(line)
	if e != nil {
		e.Raw = line
	}
	return e, err
}

// requestOf encodes a request.
func requestOf(ctx context.Context, c connector.Connector, req hosttest.Request) ([]byte, error) {
	tables, err := selected(ctx, c, &req.Selection)
	if err != nil {
		return nil, err
	}
	action := map[hosttest.Action]string{hosttest.Form: "spec", hosttest.Check: "test", hosttest.Schema: "schema", hosttest.Sync: "sync"}[req.Action]
	request := map[string]any{"selection": map[string]any{"action": action, "tables": tables}}
	if len(req.Configuration) > 0 {
		request["secrets"] = json.RawMessage(req.Configuration)
	}
	if req.State != nil {
		request["state"] = json.RawMessage(req.State)
	}
	return json.Marshal(request)
}

// selected lists every table, with the columns that are not selected. The protocol
// cannot express a default for tables and columns that it does not name.
func selected(ctx context.Context, c connector.Connector, selection *host.Selection) (map[string]map[string]any, error) {
	all := map[string]map[string]any{}
	if selection.Schemas == nil {
		return all, nil
	}
	known, err := c.Schema(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range known.Tables() {
		if all[t.Schema] == nil {
			all[t.Schema] = map[string]any{}
		}
		columns := map[string]bool{}
		for _, column := range t.Columns {
			columns[column.Name] = selection.WantsColumn(t.Schema, t.Name, column.Name)
		}
		all[t.Schema][t.Name] = map[string]any{"columns": columns}
		if !selection.WantsTable(t.Schema, t.Name) {
			all[t.Schema][t.Name] = false
		}
	}
	return all, nil
}

// event decodes a line without setting Raw.
func (d *eventDecoder) event(line []byte) (*hosttest.Event, error) {
	var of struct{ Type string }
	if err := json.Unmarshal(line, &of); err != nil {
		return nil, err
	}
	switch {
	case d.action == hosttest.Form && of.Type == "object":
		return eventOfForm(line)
	case of.Type != "":
		return d.eventOfSync(line)
	case d.action == hosttest.Check:
		ok, message, err := stdin.ParseTest(line)
		return &hosttest.Event{Kind: hosttest.Checked, OK: ok, Message: message}, err
	case d.action == hosttest.Schema:
		tables, err := stdin.ParseSchema(line)
		return &hosttest.Event{Kind: hosttest.Tables, Tables: tables}, err
	}
	return nil, errors.New("a line without a type")
}

// eventOfSync decodes a line that has a type.
func (d *eventDecoder) eventOfSync(text []byte) (*hosttest.Event, error) {
	d.in.Write(text)
	d.in.WriteByte('\n')
	line, err := d.lines.Next()
	if err != nil {
		return nil, err
	}
	switch line.Kind {
	case stdin.Record:
		op := map[stdin.Op]host.OperationKind{
			stdin.Upsert: host.OpUpsert, stdin.Update: host.OpUpdate, stdin.Delete: host.OpDelete, stdin.Truncate: host.OpTruncate,
		}[line.Op]
		return &hosttest.Event{Kind: hosttest.Row, Op: op, Table: line.Schema + "." + line.Table, Row: bytes.Clone(line.Row)}, nil
	case stdin.State:
		return &hosttest.Event{Kind: hosttest.State, State: bytes.Clone(line.State)}, nil
	case stdin.Secrets:
		for field, value := range line.Secrets { // a line holds one value
			return &hosttest.Event{Kind: hosttest.ReplacedSecret, Field: field, Value: connector.Secret(value)}, nil
		}
		return nil, errors.New("a SECRETS line without a secret")
	}
	kind := map[string]hosttest.Kind{"WARNING": hosttest.Warning, "SEVERE": hosttest.Failure}[line.Level]
	return &hosttest.Event{Kind: kind, Message: line.Message}, nil
}

// eventOfForm decodes a JSON Schema.
func eventOfForm(line []byte) (*hosttest.Event, error) {
	var form struct {
		Properties map[string]struct {
			Default   json.RawMessage
			WriteOnly bool
			Format    string
		}
		Required []string
	}
	if err := json.Unmarshal(line, &form); err != nil {
		return nil, err
	}
	required := map[string]bool{}
	for _, name := range form.Required {
		required[name] = true
	}
	e := &hosttest.Event{Kind: hosttest.Fields}
	for name, p := range form.Properties {
		e.Fields = append(e.Fields, hosttest.FormField{
			Name: name, Secret: p.WriteOnly && p.Format == "password", Required: required[name], Default: string(p.Default),
		})
	}
	return e, nil
}
