package fivetran_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/hosttest"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

func TestHost(t *testing.T) {
	t.Parallel()
	hosttest.Run(t, hosttest.Adapter{
		Serve: serve,
		Form:  true, Updates: true, Truncates: true, Warnings: true, NewTables: true, NewColumns: true,
		OnlyNamed: true, UnconfiguredSchema: true, TextValues: true,
		Terms: map[connector.Kind]string{
			connector.Configuration: codes.InvalidArgument.String(), connector.Transient: codes.Unavailable.String(),
			connector.Interrupted: codes.Unavailable.String(), connector.Defect: codes.Internal.String(),
		},
		Column: func(c schema.Column) schema.Column {
			c.Nullable, c.Description, c.Object = false, "", false
			return c
		},
	})
}

// serve starts a server for one request and acts as Fivetran.
func serve(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
	known, _ := c.Schema(ctx) // it fails in some rules, which do not need it
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &fivetran.Server{Connector: c, Options: opts}
	failure := context.Cause(ctx) // if the server ends before a request
	serving, stop := context.WithCancel(ctx)
	defer stop()
	srv.OnEnd(func(err error) {
		if req.Action != hosttest.Check || serving.Err() != nil {
			failure = err // the failure of a check is an answer
		}
	})
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(serving, l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(protocol.Codec{}), grpc.MaxCallRecvMsgSize(protocol.MaxMessage)))
	if err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	p := &platform{conn: conn, known: known, take: take}
	answered := make(chan error, 1)
	go func() {
		answered <- p.request(req)
		stop()
	}()
	err = <-ended
	if req.Stuck {
		return errors.Join(failure, err)
	}
	return cmp.Or(failure, <-answered, err)
}

// A platform sends requests and decodes the answers.
type platform struct {
	conn  *grpc.ClientConn
	known schema.Schema // nil if it is not known
	take  func(*hosttest.Event) error
}

// request sends one request. The error is that of decoding an answer.
func (p *platform) request(req hosttest.Request) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // disconnects
	defer p.conn.Close()
	switch req.Action {
	case hosttest.Form:
		var m protocol.Form
		return p.call(ctx, protocol.MethodForm, nil, &m, func(raw []byte) *hosttest.Event { return formEvent(raw, &m) })
	case hosttest.Check:
		var m protocol.TestResponse
		request := &protocol.TestRequest{Name: "connection", Configuration: values(req.Configuration)}
		return p.call(ctx, protocol.MethodTest, request.Append(nil), &m, func(raw []byte) *hosttest.Event {
			return &hosttest.Event{Kind: hosttest.Checked, Raw: raw, OK: m.Failure == "", Message: m.Failure}
		})
	case hosttest.Schema:
		var m protocol.SchemaResponse
		request := &protocol.SchemaRequest{Configuration: values(req.Configuration)}
		return p.call(ctx, protocol.MethodSchema, request.Append(nil), &m, func(raw []byte) *hosttest.Event {
			return &hosttest.Event{Kind: hosttest.Tables, Raw: raw, Tables: p.tables(&m.Tables)}
		})
	}
	return p.update(ctx, &protocol.UpdateRequest{Configuration: values(req.Configuration), Selection: p.selection(&req.Selection), State: string(req.State)})
}

// values returns a configuration as Fivetran sends it: all values are text.
func values(configuration []byte) map[string]string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(configuration, &members) // a rule sends none
	m := map[string]string{}
	for name, value := range members {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		m[name] = text
	}
	return m
}

// call calls a method with one answer.
func (p *platform) call(ctx context.Context, method string, request []byte, answer interface{ Parse([]byte) error }, event func(raw []byte) *hosttest.Event) error {
	var raw []byte
	err := p.conn.Invoke(ctx, "/"+protocol.Service+"/"+method, mem.BufferSlice{mem.SliceBuffer(request)}, &raw)
	if err != nil {
		return p.fail(err)
	}
	if err := answer.Parse(raw); err != nil {
		return err
	}
	_ = p.take(event(raw)) // nothing follows
	return nil
}

// fail reports a status.
func (p *platform) fail(err error) error {
	s := status.Convert(err)
	_ = p.take(&hosttest.Event{Kind: hosttest.Failure, Raw: []byte(s.Message()), Message: s.Message(), Term: s.Code().String()})
	return nil
}

// update requests a sync.
func (p *platform) update(ctx context.Context, request *protocol.UpdateRequest) error {
	desc := &grpc.StreamDesc{StreamName: protocol.MethodUpdate, ServerStreams: true}
	stream, err := p.conn.NewStream(ctx, desc, "/"+protocol.Service+"/"+protocol.MethodUpdate)
	if err != nil {
		return p.fail(err)
	}
	if err := errors.Join(stream.SendMsg(protocol.Encode(request)), stream.CloseSend()); err != nil {
		return err
	}
	for {
		var raw []byte
		switch err := stream.RecvMsg(&raw); {
		case err == io.EOF:
			return nil
		case err != nil:
			return p.fail(err)
		}
		var m protocol.UpdateResponse
		if err := m.Parse(raw); err != nil {
			return err
		}
		if len(m.Records) > protocol.MaxRecords {
			return fmt.Errorf("a message of %d records", len(m.Records))
		}
		events, err := p.events(raw, &m)
		if err != nil {
			return err
		}
		for _, e := range events {
			if p.take(e) != nil {
				return nil
			}
		}
	}
}

// events decodes a message of a sync.
func (p *platform) events(raw []byte, m *protocol.UpdateResponse) ([]*hosttest.Event, error) {
	e := &hosttest.Event{Kind: hosttest.Other, Raw: raw}
	switch {
	case m.Checkpoint != nil:
		e.Kind, e.State = hosttest.State, []byte(*m.Checkpoint)
	case m.Warning != nil:
		e.Kind, e.Message = hosttest.Warning, *m.Warning
	case m.SchemaChange != nil:
		e.Kind, e.Tables = hosttest.Tables, p.tables(m.SchemaChange)
	case m.Records != nil:
		var events []*hosttest.Event
		for _, raw := range m.Records {
			var r protocol.Record
			if err := r.Parse(raw); err != nil {
				return nil, err
			}
			events = append(events, &hosttest.Event{
				Kind: hosttest.Row, Raw: raw, Op: operations[r.Type], Table: cmp.Or(r.Schema, p.onlySchema()) + "." + r.Table, Row: rowOf(r.Values),
			})
		}
		return events, nil
	}
	return []*hosttest.Event{e}, nil
}

// operations holds the operation of each type of record.
var operations = []host.OperationKind{
	protocol.Upsert: host.OpUpsert, protocol.Update: host.OpUpdate, protocol.Delete: host.OpDelete, protocol.TruncateTable: host.OpTruncate,
}

// rowOf returns a row in canonical form.
func rowOf(values []protocol.NamedValue) []byte {
	row := []byte{'{'}
	for i, v := range values {
		if i > 0 {
			row = append(row, ',')
		}
		row = append(rawjson.AppendString(row, v.Name), ':')
		switch v.Kind {
		case protocol.NullValue:
			row = append(row, "null"...)
		case protocol.BoolValue:
			row = strconv.AppendBool(row, v.Int != 0)
		case protocol.ShortValue, protocol.IntValue, protocol.LongValue:
			row = strconv.AppendInt(row, v.Int, 10)
		case protocol.FloatValue:
			row = appendNumber(row, float32(v.Float))
		case protocol.DoubleValue:
			row = appendNumber(row, v.Float)
		case protocol.NaiveDateValue:
			row = rawjson.AppendString(row, v.Time.Format(time.DateOnly))
		case protocol.NaiveDatetimeValue:
			row = rawjson.AppendString(row, v.Time.Format("2006-01-02T15:04:05.999999999"))
		case protocol.UTCDatetimeValue:
			row = rawjson.AppendString(row, v.Time.Format(time.RFC3339Nano))
		case protocol.BinaryValue:
			row = rawjson.AppendString(row, base64.StdEncoding.EncodeToString(v.Bytes))
		case protocol.JSONValue:
			row = append(row, v.Bytes...)
		default:
			row = rawjson.AppendString(row, v.Bytes)
		}
	}
	return append(row, '}')
}

// appendNumber appends a float as encoding/json does.
func appendNumber[T float32 | float64](b []byte, v T) []byte {
	text, _ := json.Marshal(v) // a column has no other floats than JSON has
	return append(b, text...)
}

// onlySchema returns the schema of a source with one schema.
func (p *platform) onlySchema() string {
	if p.known == nil || len(p.known.Tables()) == 0 {
		return ""
	}
	return p.known.Tables()[0].Schema
}

// tables decodes tables.
func (p *platform) tables(m *protocol.Tables) []*schema.Table {
	if m.WithSchema == nil {
		return tablesIn(p.onlySchema(), m.WithoutSchema.Tables)
	}
	var tables []*schema.Table
	for _, s := range m.WithSchema.Schemas {
		tables = append(tables, tablesIn(s.Name, s.Tables)...)
	}
	return tables
}

func tablesIn(schemaName string, list []protocol.Table) []*schema.Table {
	var tables []*schema.Table
	for _, t := range list {
		table := &schema.Table{Schema: schemaName, Name: t.Name}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, schema.Column{
				Name: c.Name, Type: columnTypes[c.Type], PrimaryKey: c.PrimaryKey, Precision: int(c.Precision), Scale: int(c.Scale),
			})
		}
		tables = append(tables, table)
	}
	return tables
}

// columnTypes holds the type of each platform's type.
var columnTypes = []schema.Type{
	protocol.Boolean: schema.TypeBoolean, protocol.Short: schema.TypeShort, protocol.Int: schema.TypeInt, protocol.Long: schema.TypeLong,
	protocol.Decimal: schema.TypeDecimal, protocol.Float: schema.TypeFloat, protocol.Double: schema.TypeDouble, protocol.NaiveDate: schema.TypeNaiveDate,
	protocol.NaiveDatetime: schema.TypeNaiveDatetime, protocol.UTCDatetime: schema.TypeUTCDatetime, protocol.Binary: schema.TypeBinary,
	protocol.XML: schema.TypeXML, protocol.String: schema.TypeString, protocol.JSON: schema.TypeJSON,
}

// selection returns a selection as Fivetran sends it.
func (p *platform) selection(sel *host.Selection) *protocol.Selection {
	if sel.Schemas == nil && !sel.OnlyNamed {
		return nil
	}
	several := false
	for _, t := range p.known.Tables() {
		several = several || t.Schema != p.onlySchema()
	}
	if !several {
		only, named := sel.Schemas[p.onlySchema()]
		only.OnlyNamed = only.OnlyNamed || !named && sel.OnlyNamed
		return &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{Tables: tableSelections(only), IncludeNewTables: !only.OnlyNamed}}
	}
	m := &protocol.TablesWithSchema{IncludeNewSchemas: !sel.OnlyNamed}
	for name, s := range sel.Schemas {
		m.Schemas = append(m.Schemas, protocol.SchemaSelection{Included: !s.Excluded, Name: name, Tables: tableSelections(s), IncludeNewTables: !s.OnlyNamed})
	}
	return &protocol.Selection{WithSchema: m}
}

func tableSelections(s host.SchemaSelection) []protocol.TableSelection {
	var tables []protocol.TableSelection
	for name, t := range s.Tables {
		tables = append(tables, protocol.TableSelection{Included: !t.Excluded, Name: name, Columns: t.Columns, IncludeNewColumns: !t.OnlyNamed})
	}
	return tables
}

// formEvent decodes a form.
func formEvent(raw []byte, m *protocol.Form) *hosttest.Event {
	e := &hosttest.Event{Kind: hosttest.Fields, Raw: raw}
	for _, f := range m.Fields {
		field := hosttest.FormField{Name: f.Name, Secret: f.Type == protocol.PasswordField, Required: f.Required}
		if f.Default != "" {
			field.Default = f.Default
			if !json.Valid([]byte(f.Default)) {
				field.Default = string(rawjson.AppendString(nil, f.Default))
			}
		}
		e.Fields = append(e.Fields, field)
	}
	return e
}
