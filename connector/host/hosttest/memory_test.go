package hosttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/connector/host/hosttest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// abilities is the adapter of the reference without Serve.
var abilities = hosttest.Adapter{
	Terms: terms,
	Form:  true, Updates: true, Truncates: true, Warnings: true, TableEnds: true, NewTables: true, NewColumns: true, OnlyNamed: true, UnconfiguredSchema: true, ReplacedSecrets: true,
}

var terms = map[connector.Kind]string{
	connector.Configuration: "user", connector.Transient: "later", connector.Defect: "author", connector.Interrupted: "later",
}

// reference returns a host in memory. It keeps every rule, or has the named fault.
func reference(fault string) hosttest.Adapter {
	a := abilities
	a.Serve = func(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
		m := &memory{fault: fault, take: take, turn: make(chan struct{}, 1)}
		return m.serve(ctx, c, req, opts)
	}
	return a
}

// limited returns the reference for a wire without optional abilities.
func limited() hosttest.Adapter {
	return hosttest.Adapter{Serve: func(ctx context.Context, c connector.Connector, req hosttest.Request, take func(*hosttest.Event) error, opts ...host.Option) error {
		m := &memory{limited: true, take: take, turn: make(chan struct{}, 1)}
		return m.serve(ctx, c, req, opts)
	}}
}

// A memory is a host whose platform is in the same process. An operation has arrived
// when take returns.
type memory struct {
	fault   string
	limited bool
	take    func(*hosttest.Event) error
	run     *host.Run
	turn    chan struct{} // holds a token while take is called
	gone    error

	rows   int
	held   *hosttest.Event
	kept   []*host.Operation
	batch  []host.Operation
	last   *hosttest.Event
	queue  chan *hosttest.Event
	queued sync.WaitGroup
}

var errNeverRead = connector.Errorf(connector.Interrupted, "the platform has stopped reading")

// send passes an event to the platform. If the platform does not accept it within the
// grace period, send gives up.
func (m *memory) send(e *hosttest.Event) error {
	if e.Raw == nil {
		e.Raw = encoded(e)
	}
	select {
	case m.turn <- struct{}{}:
	case <-m.expired():
		return errNeverRead
	}
	defer func() { <-m.turn }()
	if m.gone != nil && m.fault != "writes on after the platform has disconnected" {
		return m.gone
	}
	m.last = e
	if m.queue != nil {
		m.queue <- e
		return nil
	}
	if err := m.take(e); err != nil {
		m.gone = connector.Errorf(connector.Interrupted, "the platform has disconnected: %w", err)
		if m.fault == "writes on after the platform has disconnected" {
			return nil
		}
	}
	return m.gone
}

// expired is ready when the grace period of a platform that is not reading is over.
func (m *memory) expired() <-chan time.Time {
	if m.fault == "waits for a platform that is not reading" {
		return nil
	}
	return time.After(m.run.Grace())
}

// encoded returns the bytes of an event.
func encoded(e *hosttest.Event) []byte {
	raw, err := json.Marshal(struct {
		Kind, Table, Message string
		Op                   host.OperationKind
		Field, Value         string
		OK                   bool
		Tables               []*schema.Table
		Fields               []hosttest.FormField
	}{e.Kind.String(), e.Table, e.Message, e.Op, e.Field, e.Value.Reveal(), e.OK, e.Tables, e.Fields})
	if err != nil {
		panic(err)
	}
	// Rows may have megabytes: they are not encoded again.
	return append(append(raw, e.Row...), e.State...)
}

func (m *memory) serve(ctx context.Context, c connector.Connector, req hosttest.Request, opts []host.Option) error {
	switch m.fault {
	case "ignores its context":
		ctx = context.WithoutCancel(ctx)
	case "keeps everything in a queue":
		m.queue = make(chan *hosttest.Event, 1<<16)
		m.queued.Go(func() {
			for e := range m.queue {
				_ = m.take(e)
			}
		})
		defer m.queued.Wait()
		defer close(m.queue)
	case "does not close emitters":
		if req.Action == hosttest.Sync {
			form, err := config.FormOf(c)
			if err != nil {
				return err
			}
			fresh, _, err := form.Decode(req.Configuration)
			if err != nil {
				return err
			}
			c = openConnector{fresh}
		}
	case "writes after its end":
		defer func() {
			go func() {
				time.Sleep(50 * time.Millisecond) // after the rule has noticed the end
				_ = m.take(&hosttest.Event{Kind: hosttest.Other, Raw: []byte("one more")})
			}()
		}()
	case "leaves a goroutine":
		go func() { <-context.WithoutCancel(ctx).Done() }()
	}
	if !m.limited {
		opts = append(opts, host.ReplacedSecretsTo(m))
	}
	m.run = host.New(ctx, c, opts...)
	err := errors.Join(m.answer(req), m.run.Close())
	if m.fault == "closes a connector that is running" && ctx.Err() != nil {
		if closer, ok := c.(io.Closer); ok {
			_ = closer.Close()
		}
	}
	if err == nil {
		m.after()
		return nil
	}
	failure := m.run.Classify(err)
	m.report(failure)
	if m.fault == "returns no error" {
		return nil
	}
	return failure
}

// report reports to the platform that the run failed.
func (m *memory) report(failure error) {
	message, term := m.run.Explain(failure), terms[connector.KindOf(failure)]
	if m.limited {
		term = ""
	}
	switch m.fault {
	case "reports every failure as a defect":
		term = terms[connector.Defect]
	case "does not report the failure":
		return
	case "reports the failure without a hint":
		message = "the sync failed"
	case "reports the failure twice":
		_ = m.send(&hosttest.Event{Kind: hosttest.Failure, Message: message, Term: term})
	}
	_ = m.send(&hosttest.Event{Kind: hosttest.Failure, Message: message, Term: term}) // it fails if the platform has disconnected
}

// after breaks rules about the end of a successful run.
func (m *memory) after() {
	switch m.fault {
	case "repeats an event after the end":
		_ = m.send(&hosttest.Event{Kind: hosttest.Row, Op: host.OpUpsert, Table: "shop.orders", Row: []byte(`{"id":1}`)})
	case "writes without end":
		for m.gone == nil {
			_ = m.send(&hosttest.Event{Kind: hosttest.Other})
		}
	case "writes without end and ignores errors":
		raw := make([]byte, 1<<10)
		for range 1 << 16 { // more events than a rule accepts
			_ = m.take(&hosttest.Event{Kind: hosttest.Other, Raw: raw})
		}
	}
}

func (m *memory) answer(req hosttest.Request) error {
	switch req.Action {
	case hosttest.Form:
		return m.form()
	case hosttest.Check:
		if err := m.run.Configure(req.Configuration); err != nil && m.fault == "fails instead of answering a check" {
			return err
		}
		err := m.run.Test()
		e := &hosttest.Event{Kind: hosttest.Checked, OK: err == nil, Message: m.run.Explain(err)}
		switch {
		case err == nil:
		case m.fault == "quotes the configuration in its errors":
			e.Message += " in " + string(req.Configuration)
		case m.fault == "does not say what to fix":
			e.Message = "the configuration is not valid"
		}
		if m.fault == "answers a check with success" {
			e.OK = true
		}
		return m.send(e)
	case hosttest.Schema:
		err := m.run.Configure(req.Configuration)
		if err != nil && (m.limited || m.fault == "requires a configuration for every schema") {
			return err
		}
		tables, err := m.run.Schema()
		if err != nil {
			return err
		}
		return m.send(&hosttest.Event{Kind: hosttest.Tables, Tables: m.tables(tables)})
	}
	if m.fault != "does not close emitters" {
		if err := m.run.Configure(req.Configuration); err != nil {
			return err
		}
	}
	request := host.SyncRequest{State: req.State, Selection: req.Selection, WholeRows: m.limited}
	switch m.fault {
	case "prints the configuration":
		if err := m.send(&hosttest.Event{Kind: hosttest.Other, Raw: []byte("configuration: " + string(req.Configuration))}); err != nil {
			return err
		}
	case "prints the configuration in hex":
		if err := m.send(&hosttest.Event{Kind: hosttest.Other, Raw: fmt.Appendf(nil, "configuration: %x", tokenOf(req.Configuration))}); err != nil {
			return err
		}
	case "prints the time":
		if err := m.send(&hosttest.Event{Kind: hosttest.Other, Raw: fmt.Append(nil, time.Now().UnixNano())}); err != nil {
			return err
		}
	case "ignores the state":
		request.State = nil
	case "ignores the selection":
		request.Selection = host.Selection{}
	case "ignores what the selection does not name":
		request.Selection.OnlyNamed = false
		for name, s := range request.Selection.Schemas {
			s.OnlyNamed = false
			request.Selection.Schemas[name] = s
		}
	case "takes no updates":
		request.WholeRows = true
	}
	err := m.run.Sync(request, m)
	if m.held != nil {
		return errors.Join(err, m.send(m.held))
	}
	return err
}

func tokenOf(object []byte) string {
	var members map[string]string
	_ = json.Unmarshal(object, &members)
	return members["token"]
}

func (m *memory) form() error {
	form, err := m.run.Form()
	if err != nil {
		return err
	}
	e := &hosttest.Event{Kind: hosttest.Fields}
	for name, f := range form.Walk() {
		field := hosttest.FormField{Name: name, Secret: f.Secret, Required: f.Required}
		if f.Default != nil {
			text, err := json.Marshal(f.Default)
			if err != nil {
				return err
			}
			field.Default = string(text)
		}
		switch m.fault {
		case "shows secrets in the form":
			field.Secret = false
		case "forgets a default":
			field.Default = ""
		}
		e.Fields = append(e.Fields, field)
	}
	return m.send(e)
}

// tables returns the tables, which a fault may change.
func (m *memory) tables(s schema.Schema) []*schema.Table {
	all := s.Tables()
	switch m.fault {
	case "forgets keys":
		for i, t := range all {
			fresh := *t
			fresh.Columns = nil
			for _, column := range t.Columns {
				column.PrimaryKey = false
				fresh.Columns = append(fresh.Columns, column)
			}
			all[i] = &fresh
		}
	case "reverses the tables":
		for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
			all[i], all[j] = all[j], all[i]
		}
	}
	return all
}

// Write implements host.Destination.
func (m *memory) Write(op *host.Operation) error {
	switch m.fault {
	case "keeps operations":
		m.kept = append(m.kept, op)
		if op.Kind != host.OpCheckpoint {
			return nil
		}
		for _, kept := range m.kept {
			if err := m.write(kept); err != nil {
				return err
			}
		}
		m.kept = nil
		return nil
	case "keeps rows":
		// The operation is copied, but its row is not.
		kept := *op
		m.kept = append(m.kept, &kept)
		if len(m.kept) < 3 && op.Kind != host.OpCheckpoint {
			return nil
		}
		for _, kept := range m.kept {
			if err := m.write(kept); err != nil {
				return err
			}
		}
		m.kept = nil
		return nil
	}
	return m.write(op)
}

// WriteRows implements host.BatchWriter.
func (m *memory) WriteRows(ops []host.Operation) error {
	switch m.fault {
	case "drops a row of a batch":
		ops = ops[min(1, len(ops)-1):]
	case "reverses the rows of a batch":
		slices.Reverse(ops)
	case "keeps the rows of a batch":
		if m.batch, ops = ops, m.batch; ops == nil {
			return nil
		}
	}
	for i := range ops {
		if err := m.Write(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) write(op *host.Operation) error {
	e := m.event(op)
	if e == nil {
		return nil
	}
	if e.Kind == hosttest.Row {
		m.rows++
	}
	switch {
	case m.fault == "drops a row" && e.Kind == hosttest.Row && m.rows == 3:
		return nil
	case m.fault == "repeats a row" && e.Kind == hosttest.Row && m.rows == 2, m.fault == "repeats states" && e.Kind == hosttest.State:
		if err := m.send(m.event(op)); err != nil {
			return err
		}
	case m.fault == "writes a state before its row":
		e, m.held = m.held, e
		if m.held.Kind == hosttest.State && e != nil && e.Kind == hosttest.Row {
			e, m.held = m.held, e
		}
		if e == nil {
			return nil
		}
	case m.fault == "forgets states" && e.Kind == hosttest.State:
		return nil
	case m.fault == "drops warnings" && e.Kind == hosttest.Warning:
		return nil
	case m.fault == "drops the ends of tables" && e.Kind == hosttest.TableEnd:
		return nil
	case m.fault == "drops the failures of tables" && e.Kind == hosttest.TableEnd:
		e.Message = ""
	case m.fault == "cuts large rows" && len(e.Row) > 1<<20:
		e.Row = append(e.Row[:1<<20:1<<20], `"}`...)
	case m.fault == "cuts large states" && len(e.State) > 1<<16:
		e.State = []byte("{}")
	case m.fault == "turns updates into upserts" && e.Op == host.OpUpdate:
		e.Op = host.OpUpsert
	case m.fault == "forgets the schema's name" && e.Kind == hosttest.Row:
		e.Table = "shop." + op.Table.Name
	case m.fault == "prints the replaced secret" && e.Kind == hosttest.ReplacedSecret:
		if err := m.send(&hosttest.Event{Kind: hosttest.Other, Message: "replaced by " + op.Value.Reveal()}); err != nil {
			return err
		}
	case m.fault == "loses the replaced secret" && e.Kind == hosttest.ReplacedSecret:
		return nil
	case m.fault == "passes floats" && e.Kind == hosttest.Row:
		var row map[string]any
		_ = json.Unmarshal(e.Row, &row)
		e.Row, _ = json.Marshal(row)
	case m.fault == "cuts timestamps" && e.Kind == hosttest.Row:
		e.Row = bytes.ReplaceAll(e.Row, []byte("456789Z"), []byte("456Z"))
	case m.fault == "delivers nulls as text" && e.Kind == hosttest.Row:
		e.Row = bytes.ReplaceAll(e.Row, []byte(":null"), []byte(`:""`))
	}
	return m.send(e)
}

// event returns an operation as an event, or nil if the wire cannot express it.
func (m *memory) event(op *host.Operation) *hosttest.Event {
	switch op.Kind {
	case host.OpUpsert, host.OpUpdate, host.OpDelete, host.OpTruncate:
		if m.limited && op.Kind == host.OpTruncate {
			return nil
		}
		return &hosttest.Event{Kind: hosttest.Row, Op: op.Kind, Table: op.Table.String(), Row: bytes.Clone(op.Row)}
	case host.OpCheckpoint:
		return &hosttest.Event{Kind: hosttest.State, State: bytes.Clone(op.State)}
	case host.OpWarning:
		if m.limited {
			return nil
		}
		return &hosttest.Event{Kind: hosttest.Warning, Message: op.Message}
	case host.OpTableEnd:
		if m.limited {
			return nil
		}
		e := &hosttest.Event{Kind: hosttest.TableEnd, Table: op.Table.String()}
		if op.Err != nil {
			e.Message = m.run.Explain(op.Err)
		}
		return e
	case host.OpSchemaChange:
		return &hosttest.Event{Kind: hosttest.Tables, Tables: []*schema.Table{op.Table}}
	case host.OpReplacedSecret:
		return &hosttest.Event{Kind: hosttest.ReplacedSecret, Field: op.Field, Value: op.Value}
	}
	return nil
}

// An openConnector is a connector whose tables share one emitter, which is never
// closed. This is a fault of the runtime on which hosts are built.
type openConnector struct{ connector.Connector }

func (c openConnector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	return c.Connector.Sync(ctx, st, openEmitter{out})
}

type openEmitter struct{ connector.Emitter }

func (e openEmitter) SyncTables(sync func(connector.Emitter) error, tables ...string) error {
	return e.Emitter.SyncTables(func(connector.Emitter) error { return sync(e) }, tables...)
}
