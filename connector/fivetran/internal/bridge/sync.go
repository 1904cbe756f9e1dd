package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A run is one sync.
type run struct {
	*bridge
	tables    *tables
	sent      sentSelection // empty if the source does not support selections
	selection func(*table) tableSelection

	state     string // of the last checkpoint, or of the request
	uncovered int    // records since the last checkpoint
	saved     bool   // the last line is a STATE

	record       protocol.Record
	row, scratch []byte
}

// sync answers a request for a sync.
func (b *bridge) sync(ctx context.Context, req *request) error {
	answer, err := b.schema(ctx, req)
	if err != nil {
		return err
	}
	s := &run{bridge: b, state: req.state}
	if s.tables, err = newTables(b.Schema, answer); err != nil {
		return err
	}
	if s.tables.notSupported {
		if err := s.warn(schemaNotSupported); err != nil {
			return err
		}
	}
	s.selection = func(t *table) tableSelection { return selectionOf(req.Selection, t) }
	for _, warning := range s.tables.choose(req.Selection) {
		if err := s.warn(warning); err != nil {
			return err
		}
	}
	update := &protocol.UpdateRequest{Configuration: req.configuration, State: req.state}
	if !answer.SelectionNotSupported && !s.tables.notSupported && (b.form.TableSelection || b.form.SchemaSelection) {
		update.Selection, s.sent = s.tables.message(req.Selection)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the call if the sync fails here
	messages, err := b.source.update(ctx, update)
	if err != nil {
		return err
	}
	var message protocol.UpdateResponse
	for {
		err := messages.next(&message)
		if errors.Is(err, io.EOF) {
			return s.end()
		}
		if err == nil {
			err = s.handle(&message)
		}
		if err != nil {
			return err
		}
	}
}

// handle writes the lines of a message.
func (s *run) handle(m *protocol.UpdateResponse) error {
	switch {
	case len(m.Records) > protocol.MaxRecords:
		return &connector.Error{
			Kind: connector.Defect, Hint: fmt.Sprintf("send at most %d in a message", protocol.MaxRecords),
			Err: fmt.Errorf("a message has %d records, which Fivetran refuses", len(m.Records)),
		}
	case m.Records != nil:
		for _, encoded := range m.Records {
			if err := s.deliver(encoded); err != nil {
				return err
			}
		}
		return nil
	case m.Checkpoint != nil:
		return s.checkpoint(*m.Checkpoint)
	case m.Warning != nil:
		text, _ := unwrap(*m.Warning)
		return s.warn(text)
	case m.Task != nil:
		text, trace := unwrap(*m.Task)
		if trace != "" {
			s.logger.Info(s.mask("the trace of the task: " + trace))
		}
		return &connector.Error{
			Kind: connector.Configuration, Hint: "this is a task for the user of the source",
			Err: fmt.Errorf("the source ended the sync: %s", text),
		}
	case m.SchemaChange != nil:
		names, err := s.tables.replace(m.SchemaChange, s.selection)
		if err != nil {
			return err
		}
		s.logger.Info(s.mask("the source declared tables during the sync: " + strings.Join(names, ", ")))
		return nil
	case m.Truncate != nil:
		return s.write(&protocol.Record{Schema: m.Truncate.Schema, Table: m.Truncate.Table, Type: protocol.TruncateTable})
	case m.File:
		return &connector.Error{
			Kind: connector.Defect, Hint: "test the source without the argument file",
			Err: errors.New("the source uploads a file, which is not part of a table"),
		}
	}
	return nil // a message of a kind that is newer than this program, or an empty one
}

// deliver writes the line of an encoded record.
func (s *run) deliver(encoded []byte) error {
	if err := s.record.Parse(encoded); err != nil {
		return malformed(fmt.Sprintf("a record of table %q", s.record.Table), err)
	}
	return s.write(&s.record)
}

// ops holds the operation of each type of records.
var ops = map[protocol.RecordType]stdin.Op{
	protocol.Upsert: stdin.Upsert, protocol.Update: stdin.Update, protocol.Delete: stdin.Delete, protocol.TruncateTable: stdin.Truncate,
}

// write writes the line of a record.
func (s *run) write(r *protocol.Record) error {
	t, err := s.table(r)
	if err != nil {
		return err
	}
	if t.selected.excluded {
		if !s.sent.excludes(r) {
			return nil
		}
		return &connector.Error{
			Kind: connector.Defect, Hint: "leave it out, as UpdateRequest.selection says",
			Err: fmt.Errorf("the source sends a record of table %s, which the selection excludes", t),
		}
	}
	line := stdin.Line{Kind: stdin.Record, Op: ops[r.Type], Schema: t.Schema, Table: t.Name, Row: []byte("{}")}
	switch {
	case line.Op == 0:
		return malformed("a record of table "+t.String(), fmt.Errorf("%d is not a type of records", r.Type))
	case line.Op != stdin.Truncate:
		if s.row, s.scratch, err = t.encode(s.row[:0], s.scratch, r, s.sent); err != nil {
			return err
		}
		line.Row = s.row
	}
	s.uncovered++
	return s.line(&line)
}

// table returns the table of a record.
func (s *run) table(r *protocol.Record) (*table, error) {
	name := tableName{r.Schema, r.Table}
	if t := s.tables.byName[name]; t != nil {
		return t, nil
	}
	schemaName := r.Schema
	if schemaName == "" {
		schemaName = s.tables.unnamed
	}
	if s.tables.notSupported && r.Table != "" {
		t := newUndeclaredTable(schemaName, r.Table)
		t.selected = s.selection(t)
		s.tables.insert(name, t)
		return t, nil
	}
	why, hint := "which is not in its schema", "declare it in the answer to Schema or in a SchemaChange, or correct the name"
	switch {
	case r.Table == "":
		why, hint = "which is not a name", "set table_name"
	case r.Schema != "" && !s.tables.withSchema:
		why, hint = "but its answer to Schema names no schemas", "leave schema_name out, or answer Schema with with_schema"
	case r.Schema == "" && s.tables.withSchema:
		why, hint = "without the name of the schema", "set schema_name, because the answer to Schema has with_schema"
	}
	return nil, &connector.Error{
		Kind: connector.Defect, Hint: hint,
		Err: fmt.Errorf("the source sends a record of table %q of schema %q, %s", r.Table, r.Schema, why),
	}
}

// checkpoint writes a STATE line.
func (s *run) checkpoint(state string) error {
	object := rawjson.Value(state)
	if !object.IsObject() || !object.IsValid() {
		return &connector.Error{
			Kind: connector.Defect, Hint: "set state_json to the JSON text of an object",
			Err: errors.New("a checkpoint is not a JSON object without duplicate names"),
		}
	}
	text, err := compact(object)
	if err != nil {
		return err
	}
	s.state, s.uncovered = text, 0
	return s.writeState()
}

func (s *run) writeState() error {
	if err := s.line(&stdin.Line{Kind: stdin.State, State: []byte(s.state)}); err != nil {
		return err
	}
	s.saved = true
	return nil
}

// end writes the last lines of a sync that has succeeded. The last one is a STATE.
func (s *run) end() error {
	if s.uncovered > 0 {
		if err := s.warn(fmt.Sprintf("the source sent %d records after its last checkpoint, which the next sync may send again: send a checkpoint as the last message of a sync", s.uncovered)); err != nil {
			return err
		}
	}
	if s.saved {
		return nil
	}
	return s.writeState()
}

func (s *run) warn(text string) error { return s.line(s.warning(text)) }

// line writes a line.
func (s *run) line(l *stdin.Line) error {
	s.saved = false
	return s.bridge.line(l)
}

// unwrap returns the text of a warning or a task. The Connector SDK writes it as a JSON object.
func unwrap(text string) (message, trace string) {
	var object struct {
		Message *string `json:"message"`
		Trace   *string `json:"trace"`
	}
	if json.Unmarshal([]byte(text), &object) != nil || object.Message == nil {
		return text, ""
	}
	if object.Trace != nil {
		trace = *object.Trace
	}
	return *object.Message, trace
}
