package singer_test

import (
	"bytes"
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

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/hosttest"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/schema"
)

func TestHost(t *testing.T) {
	t.Parallel()
	a := adapter{dir: t.TempDir()}
	hosttest.Run(t, hosttest.Adapter{
		Serve: a.serve,
		Form:  true, Truncates: true, NewTables: true, NewColumns: true, OnlyNamed: true, UnconfiguredSchema: true,
		Column: func(c schema.Column) schema.Column {
			c.Nullable, c.Description, c.Precision, c.Scale = false, "", 0, 0
			switch c.Type {
			case schema.TypeFloat:
				c.Type = schema.TypeDouble
			case schema.TypeXML, schema.TypeNaiveDatetime:
				c.Type = schema.TypeString
			}
			return c
		},
		Comparable: func(raw []byte) []byte { return times.ReplaceAll(raw, nil) },
	})
}

// times matches the members that differ between two runs.
var times = regexp.MustCompile(`"(time_extracted|_sdc_deleted_at)":"[^"]*"|"version":[0-9]+`)

// An adapter serves the wire. It writes the files that a command line names to dir.
type adapter struct{ dir string }

func (a adapter) serve(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
	args, err := a.args(ctx, c, req)
	if err != nil {
		return err
	}
	d := newDecoder(ctx, c, req.Action)
	gone := false
	err = hosttest.Lines(func(w io.Writer) error { return singer.Serve(ctx, c, args, w, opts...) }, d.decode, func(e *hosttest.Event) error {
		err := take(e)
		gone = gone || err != nil
		return err
	}, req.Stuck)
	if req.Stuck || gone {
		return err
	}
	return d.conclude(err, take)
}

// args returns the command line for a request.
func (a adapter) args(ctx context.Context, c connector.Connector, req hosttest.Request) ([]string, error) {
	args := map[hosttest.Action][]string{hosttest.Form: {"--about", "--format", "json"}, hosttest.Check: {"--test"}, hosttest.Schema: {"--discover"}}[req.Action]
	add := func(name string, content []byte) error {
		path := filepath.Join(a.dir, name+".json")
		args = append(args, "--"+name, path)
		return os.WriteFile(path, content, 0o600)
	}
	if req.Selection.Schemas != nil {
		catalog, err := catalogOf(ctx, c, &req.Selection)
		if err = errors.Join(err, add("catalog", catalog)); err != nil {
			return nil, err
		}
	}
	if req.State != nil {
		if err := add("state", req.State); err != nil {
			return nil, err
		}
	}
	configuration := req.Configuration
	if len(configuration) == 0 {
		configuration = []byte("{}")
	}
	return args, add("config", configuration)
}

// catalogOf returns a catalog with a selection.
func catalogOf(ctx context.Context, c connector.Connector, sel *host.Selection) ([]byte, error) {
	known, err := c.Schema(ctx)
	if err != nil {
		return nil, err
	}
	var streams []any
	for _, t := range known.Tables() {
		properties := map[string]any{}
		metadata := []any{map[string]any{"breadcrumb": []string{}, "metadata": map[string]any{"selected": sel.WantsTable(t.Schema, t.Name)}}}
		for _, column := range t.Columns {
			wanted := sel.WantsColumn(t.Schema, t.Name, column.Name)
			if !wanted && sel.OnlyNamed {
				continue
			}
			inclusion := "available"
			if column.PrimaryKey {
				inclusion = "automatic"
			}
			properties[column.Name] = map[string]any{}
			metadata = append(metadata, map[string]any{"breadcrumb": []string{"properties", column.Name}, "metadata": map[string]any{"inclusion": inclusion, "selected": wanted}})
		}
		if sel.OnlyNamed && !sel.WantsTable(t.Schema, t.Name) {
			continue
		}
		streams = append(streams, map[string]any{"tap_stream_id": t.Name, "schema": map[string]any{"properties": properties}, "metadata": metadata})
	}
	return json.Marshal(map[string]any{"streams": streams})
}

// A decoder decodes the output of the wire.
type decoder struct {
	action hosttest.Action
	tables map[string]string // the qualified name of each table, by stream
	known  map[string]bool   // streams that the source has before the sync
	run    *host.Run
}

func newDecoder(ctx context.Context, c connector.Connector, action hosttest.Action) *decoder {
	d := &decoder{action: action, tables: map[string]string{}, known: map[string]bool{}, run: host.New(ctx, c, fixture.Quiet)}
	if action != hosttest.Sync { // Schema may have an effect that a rule counts
		return d
	}
	tables, err := c.Schema(ctx)
	if err != nil {
		return d
	}
	several := slices.ContainsFunc(tables.Tables(), func(t *schema.Table) bool { return t.Schema != tables.Tables()[0].Schema })
	for _, t := range tables.Tables() {
		name := t.Name
		if several {
			name = t.Schema + "-" + t.Name
		}
		d.tables[name], d.known[name] = t.String(), true
	}
	return d
}

// conclude reports the end of a process: its exit status and the last line of its log.
func (d *decoder) conclude(err error, take func(*hosttest.Event) error) error {
	message := d.run.Explain(err)
	e := &hosttest.Event{Kind: hosttest.Failure, Raw: []byte(message), Message: message}
	if d.action == hosttest.Check {
		e.Kind, e.OK = hosttest.Checked, err == nil
		err = nil
	}
	if e.Kind == hosttest.Failure && err == nil {
		return nil
	}
	if takeErr := take(e); err == nil {
		err = takeErr
	}
	return err
}

// decode decodes a line.
func (d *decoder) decode(line []byte) (*hosttest.Event, error) {
	e := &hosttest.Event{Raw: line}
	var message struct {
		Type, Stream string
		Record       json.RawMessage
		Value        json.RawMessage
		Streams      []catalogStream
		Settings     json.RawMessage
	}
	if err := json.Unmarshal(line, &message); err != nil {
		return nil, err
	}
	table, ok := d.tables[message.Stream]
	if !ok {
		table = "shop." + message.Stream
	}
	switch {
	case d.action == hosttest.Form:
		return formEvent(line, message.Settings)
	case d.action == hosttest.Schema:
		e.Kind, e.Tables = hosttest.Tables, tablesOf(message.Streams)
	case message.Type == "RECORD":
		e.Kind, e.Op, e.Table, e.Row = hosttest.Row, host.OpUpsert, table, message.Record
		if row, deleted := bytes.CutSuffix(deletedAt.ReplaceAll(message.Record, nil), []byte(`}`)); deletedAt.Match(message.Record) && deleted {
			e.Op, e.Row = host.OpDelete, append(row, '}')
		}
	case message.Type == "ACTIVATE_VERSION":
		e.Kind, e.Op, e.Table = hosttest.Row, host.OpTruncate, table
	case message.Type == "STATE":
		e.Kind, e.State = hosttest.State, message.Value
	case message.Type == "SCHEMA":
		if !d.known[message.Stream] {
			e.Kind, e.Tables = hosttest.Tables, []*schema.Table{{Schema: "shop", Name: message.Stream}}
		}
	default:
		return nil, fmt.Errorf("a message of the type %q", message.Type)
	}
	return e, nil
}

// deletedAt matches the mark of a deleted row.
var deletedAt = regexp.MustCompile(`,"_sdc_deleted_at":"[^"]*"`)

// A catalogStream is a stream of a catalog.
type catalogStream struct {
	TableName     string   `json:"table_name"`
	KeyProperties []string `json:"key_properties"`
	Schema        struct{ Properties json.RawMessage }
	Metadata      []struct {
		Metadata struct {
			SchemaName string `json:"schema-name"`
		}
	}
}

// tablesOf decodes the tables of a catalog.
func tablesOf(streams []catalogStream) []*schema.Table {
	var tables []*schema.Table
	for _, s := range streams {
		t := &schema.Table{Schema: s.Metadata[0].Metadata.SchemaName, Name: s.TableName}
		dec := jsontext.NewDecoder(bytes.NewReader(s.Schema.Properties))
		_, _ = dec.ReadToken() // the opening brace
		for dec.PeekKind() == '"' {
			token, _ := dec.ReadToken() // the document is valid
			name := token.String()
			value, _ := dec.ReadValue()
			if name != "_sdc_deleted_at" {
				t.Columns = append(t.Columns, schema.Column{Name: name, Type: typeOf(string(value)), PrimaryKey: slices.Contains(s.KeyProperties, name)})
			}
		}
		tables = append(tables, t)
	}
	return tables
}

// typeOf returns the type of a column by its JSON Schema.
func typeOf(property string) schema.Type {
	for part, typ := range map[string]schema.Type{
		`32767`: schema.TypeShort, `2147483647`: schema.TypeInt, `9223372036854775807`: schema.TypeLong,
		`"number"]`: schema.TypeDouble, `["null","boolean"]`: schema.TypeBoolean, `x-singer.decimal`: schema.TypeDecimal,
		`"format":"date"`: schema.TypeNaiveDate, `date-time`: schema.TypeUTCDatetime, `base64`: schema.TypeBinary, `"array"`: schema.TypeJSON,
	} {
		if strings.Contains(property, part) {
			return typ
		}
	}
	return schema.TypeString
}

// formEvent decodes the answer to --about.
func formEvent(line []byte, settings json.RawMessage) (*hosttest.Event, error) {
	var form struct {
		Properties map[string]struct {
			Default   json.RawMessage
			WriteOnly bool
			Format    string
		}
		Required []string
	}
	if err := json.Unmarshal(settings, &form); err != nil {
		return nil, err
	}
	e := &hosttest.Event{Kind: hosttest.Fields, Raw: line}
	for name, p := range form.Properties {
		e.Fields = append(e.Fields, hosttest.FormField{
			Name: name, Secret: p.WriteOnly && p.Format == "password", Required: slices.Contains(form.Required, name), Default: string(p.Default),
		})
	}
	return e, nil
}
