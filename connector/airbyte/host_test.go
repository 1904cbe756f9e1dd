package airbyte_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/hosttest"
	"github.com/penstock-sdk/penstock/schema"
)

func TestHost(t *testing.T) {
	t.Parallel()
	hosttest.Run(t, hosttest.Adapter{
		Serve: (&adapter{t.TempDir()}).serve,
		Form:  true, Warnings: true, TableEnds: true, NewColumns: true, ReplacedSecrets: true,
		Terms: map[connector.Kind]string{
			connector.Configuration: "config_error", connector.Transient: "transient_error",
			connector.Interrupted: "transient_error", connector.Defect: "system_error",
		},
		Column: arriving,
		Comparable: func(raw []byte) []byte {
			return varying.ReplaceAll(raw, []byte(`"$1":0`))
		},
	})
}

// varying matches the members that depend on the time.
var varying = regexp.MustCompile(`"(emitted_at|_ab_cdc_cursor|at)":("[^"]*"|\d+)`)

// arriving returns a column as a catalog can express it.
func arriving(c schema.Column) schema.Column {
	types := map[schema.Type]schema.Type{
		schema.TypeShort: schema.TypeLong, schema.TypeInt: schema.TypeLong, schema.TypeFloat: schema.TypeDouble,
		schema.TypeDecimal: schema.TypeString, schema.TypeXML: schema.TypeString,
	}
	return schema.Column{Name: c.Name, Type: cmp.Or(types[c.Type], c.Type), PrimaryKey: c.PrimaryKey}
}

// An adapter acts as the platform. Its files are in a directory.
type adapter struct{ dir string }

// serve is the adapter's Serve for this wire.
func (a *adapter) serve(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
	dir, err := os.MkdirTemp(a.dir, "")
	if err != nil {
		return err
	}
	known, _ := c.Schema(ctx) // it fails in some rules, which do not need it
	args, err := argumentsOf(dir, known, req)
	if err != nil {
		return err
	}
	d := &decoder{known: known, configuration: req.Configuration, failed: map[string]string{}}
	if req.State != nil {
		if err := json.Unmarshal(req.State, &d.states); err != nil {
			return err
		}
	}
	return hosttest.Lines(func(w io.Writer) error { return airbyte.Serve(ctx, c, args, w, opts...) }, d.decode, take, req.Stuck)
}

// argumentsOf writes the files of a request and returns its command line.
func argumentsOf(dir string, known schema.Schema, req hosttest.Request) ([]string, error) {
	command := map[hosttest.Action]string{hosttest.Form: "spec", hosttest.Check: "check", hosttest.Schema: "discover", hosttest.Sync: "read"}[req.Action]
	args := []string{command}
	add := func(name string, text []byte) error {
		path := filepath.Join(dir, name+".json")
		args = append(args, "--"+name, path)
		return os.WriteFile(path, text, 0o600)
	}
	if req.Action == hosttest.Form {
		return args, nil
	}
	configuration := req.Configuration
	if len(configuration) == 0 {
		configuration = []byte("{}")
	}
	err := add("config", configuration)
	if req.Action == hosttest.Sync && known != nil {
		catalog, catalogErr := json.Marshal(configuredFor(known, &req.Selection))
		err = errors.Join(err, catalogErr, add("catalog", catalog))
		if req.State != nil {
			err = errors.Join(err, add("state", req.State))
		}
	}
	return args, err
}

type object = map[string]any

// configuredFor returns the configured catalog of a selection.
func configuredFor(known schema.Schema, selection *host.Selection) object {
	names := map[string]bool{}
	for _, t := range known.Tables() {
		names[t.Schema] = true
	}
	streams := []object{}
	for _, t := range known.Tables() {
		if !selection.WantsTable(t.Schema, t.Name) {
			continue
		}
		columns := object{"_ab_cdc_cursor": object{}, "_ab_cdc_deleted_at": object{}}
		for _, c := range t.Columns {
			if selection.WantsColumn(t.Schema, t.Name, c.Name) {
				columns[c.Name] = object{}
			}
		}
		stream := object{"name": t.Name, "json_schema": object{"properties": columns}}
		if len(names) > 1 {
			stream["namespace"] = t.Schema
		}
		streams = append(streams, object{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"})
	}
	return object{"streams": streams}
}

// A decoder decodes messages. It keeps the states of the streams as a platform does.
type decoder struct {
	known         schema.Schema
	configuration []byte
	states        []json.RawMessage
	failed        map[string]string // the errors of streams
}

// A line is a message.
type line struct {
	Type string
	Spec struct{ ConnectionSpecification json.RawMessage }

	ConnectionStatus struct{ Status, Message string }
	Catalog          struct{ Streams []stream }
	Record           struct {
		name
		Stream string
		Data   json.RawMessage
	}
	State stateLine
	Trace struct {
		Type         string
		StreamStatus struct {
			Descriptor name `json:"stream_descriptor"`
			Status     string
		} `json:"stream_status"`
		Error struct {
			Message, InternalMessage string
			FailureType              string `json:"failure_type"`
			Descriptor               *name  `json:"stream_descriptor"`
		}
	}
	Log     struct{ Level, Message string }
	Control struct {
		Type            string
		ConnectorConfig struct{ Config object }
	}
}

type stateLine struct {
	Type   string
	Stream struct {
		Descriptor name            `json:"stream_descriptor"`
		State      json.RawMessage `json:"stream_state"`
	}
	Global struct {
		Shared  json.RawMessage `json:"shared_state"`
		Streams []struct {
			Descriptor name            `json:"stream_descriptor"`
			State      json.RawMessage `json:"stream_state"`
		} `json:"stream_states"`
	}
	SourceStats struct{ RecordCount json.Number }
}

type name struct{ Name, Namespace string }

type stream struct {
	name
	JSONSchema struct {
		Properties json.RawMessage
	} `json:"json_schema"`
	PrimaryKey [][]string `json:"source_defined_primary_key"`
}

// table returns the qualified name of the table of a stream.
func (d *decoder) table(n name) string {
	if n.Namespace != "" {
		return n.Namespace + "." + n.Name
	}
	if t, ok := d.known.Table(n.Name); ok {
		return t.String()
	}
	return n.Name
}

func (d *decoder) decode(raw []byte) (*hosttest.Event, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, err
	}
	e, err := d.event(raw, &l)
	if e != nil {
		e.Raw = raw
	}
	return e, err
}

// event decodes a message without setting Raw.
func (d *decoder) event(raw []byte, l *line) (*hosttest.Event, error) {
	switch l.Type {
	case "SPEC":
		return fieldsOf(l.Spec.ConnectionSpecification)
	case "CONNECTION_STATUS":
		return &hosttest.Event{Kind: hosttest.Checked, OK: l.ConnectionStatus.Status == "SUCCEEDED", Message: l.ConnectionStatus.Message}, nil
	case "CATALOG":
		return d.tables(l.Catalog.Streams)
	case "RECORD":
		row, op, err := rowOf(l.Record.Data)
		return &hosttest.Event{Kind: hosttest.Row, Op: op, Table: d.table(name{l.Record.Stream, l.Record.Namespace}), Row: row}, err
	case "STATE":
		return d.state(raw, &l.State)
	case "LOG":
		return &hosttest.Event{Kind: hosttest.Warning, Message: l.Log.Message}, nil
	case "CONTROL":
		return d.replaced(l.Control.ConnectorConfig.Config)
	}
	if l.Trace.Type == "ERROR" {
		failure := l.Trace.Error
		e := &hosttest.Event{Kind: hosttest.Failure, Message: failure.Message, Term: failure.FailureType}
		if failure.Descriptor != nil {
			e.Table = d.table(*failure.Descriptor)
			d.failed[e.Table] = failure.Message
		}
		return e, nil
	}
	e := &hosttest.Event{Kind: hosttest.Other, Table: d.table(l.Trace.StreamStatus.Descriptor)}
	switch l.Trace.StreamStatus.Status {
	case "COMPLETE":
		e.Kind = hosttest.TableEnd
	case "INCOMPLETE":
		e.Kind, e.Message = hosttest.TableEnd, cmp.Or(d.failed[e.Table], "INCOMPLETE")
	}
	return e, nil
}

// state keeps a state and returns all states, which the platform sends with the next
// read.
func (d *decoder) state(raw []byte, l *stateLine) (*hosttest.Event, error) {
	var whole struct{ State json.RawMessage }
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, err
	}
	d.states = slices.DeleteFunc(slices.Clone(d.states), func(kept json.RawMessage) bool {
		var k stateLine
		_ = json.Unmarshal(kept, &k) // it was decoded before
		return l.Type == "GLOBAL" || k.Type == "GLOBAL" || k.Stream.Descriptor == l.Stream.Descriptor
	})
	d.states = append(d.states, whole.State)
	list, err := json.Marshal(d.states)
	return &hosttest.Event{Kind: hosttest.State, State: list}, err
}

// replaced returns the field whose value differs from that in the last configuration.
func (d *decoder) replaced(config object) (*hosttest.Event, error) {
	var before object
	if err := json.Unmarshal(d.configuration, &before); err != nil {
		return nil, err
	}
	for field, value := range config {
		if text, ok := value.(string); ok && before[field] != value {
			return &hosttest.Event{Kind: hosttest.ReplacedSecret, Field: field, Value: connector.Secret(text)}, nil
		}
	}
	return nil, errors.New("a CONTROL message without a new value")
}

// rowOf returns the row in a record without the added columns.
func rowOf(data json.RawMessage) (json.RawMessage, host.OperationKind, error) {
	op := host.OpUpsert
	members, err := membersOf(data)
	if err != nil {
		return nil, op, err
	}
	var kept []string
	for _, m := range members {
		switch m.name {
		case "_ab_cdc_cursor":
		case "_ab_cdc_deleted_at":
			op = host.OpDelete
		default:
			kept = append(kept, fmt.Sprintf("%q:%s", m.name, m.value))
		}
	}
	return json.RawMessage("{" + strings.Join(kept, ",") + "}"), op, nil
}

type member struct {
	name  string
	value json.RawMessage
}

// membersOf returns the members of an object in order.
func membersOf(data []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var all []member
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: token.(string)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// tables decodes a catalog.
func (d *decoder) tables(streams []stream) (*hosttest.Event, error) {
	e := &hosttest.Event{Kind: hosttest.Tables}
	for _, s := range streams {
		t := &schema.Table{Name: s.Name}
		t.Schema, _, _ = strings.Cut(d.table(s.name), ".")
		members, err := membersOf(s.JSONSchema.Properties)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if strings.HasPrefix(m.name, "_ab_cdc_") {
				continue
			}
			column := schema.Column{Name: m.name, PrimaryKey: slices.ContainsFunc(s.PrimaryKey, func(key []string) bool { return slices.Equal(key, []string{m.name}) })}
			if column.Type, err = typeOf(m.value); err != nil {
				return nil, err
			}
			t.Columns = append(t.Columns, column)
		}
		e.Tables = append(e.Tables, t)
	}
	return e, nil
}

// typeOf returns the type of the columns that have the given schema.
func typeOf(property json.RawMessage) (schema.Type, error) {
	for typ, want := range map[schema.Type]string{
		schema.TypeBoolean:       `{"type":"boolean"}`,
		schema.TypeLong:          `{"type":"integer","airbyte_type":"integer"}`,
		schema.TypeDouble:        `{"type":"number"}`,
		schema.TypeNaiveDate:     `{"type":"string","format":"date"}`,
		schema.TypeNaiveDatetime: `{"type":"string","format":"date-time","airbyte_type":"timestamp_without_timezone"}`,
		schema.TypeUTCDatetime:   `{"type":"string","format":"date-time","airbyte_type":"timestamp_with_timezone"}`,
		schema.TypeBinary:        `{"type":"string","contentEncoding":"base64"}`,
		schema.TypeString:        `{"type":"string"}`,
		schema.TypeJSON:          `{}`,
	} {
		nullable := regexp.MustCompile(`"type":("[a-z]*")`).ReplaceAllString(want, `"type":["null",$1]`)
		if string(property) == want || string(property) == nullable {
			return typ, nil
		}
	}
	return 0, fmt.Errorf("no column has the schema %s", property)
}

// fieldsOf decodes a specification.
func fieldsOf(specification json.RawMessage) (*hosttest.Event, error) {
	var form struct {
		Properties map[string]struct {
			Default json.RawMessage
			Secret  bool `json:"airbyte_secret"`
		}
		Required []string
	}
	if err := json.Unmarshal(specification, &form); err != nil {
		return nil, err
	}
	e := &hosttest.Event{Kind: hosttest.Fields}
	for name, p := range form.Properties {
		e.Fields = append(e.Fields, hosttest.FormField{
			Name: name, Secret: p.Secret, Required: slices.Contains(form.Required, name), Default: string(p.Default),
		})
	}
	return e, nil
}
