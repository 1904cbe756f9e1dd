package stdin

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// A wire writes the answers of the protocol. As a [host.Destination] it takes
// the operations of a sync.
type wire struct {
	lines    *lineWriter
	prefixes map[prefixKey][]byte
	last     prefixKey // the row before, whose prefix is this one's as a rule
	prefixed []byte
	text     bool // the schema is for a person
}

type prefixKey struct {
	table *schema.Table
	kind  host.OperationKind
}

func newWire(lines *lineWriter) *wire { return &wire{lines: lines, prefixes: map[prefixKey][]byte{}} }

var (
	rowEnd     = []byte("}}}")
	stateStart = []byte(`{"type":"STATE","state":`)
	stateEnd   = []byte("}")
	emptyRow   = []byte("{}")
)

// Write implements [host.Destination].
func (w *wire) Write(op *host.Operation) error {
	switch op.Kind {
	case host.OpUpsert, host.OpUpdate, host.OpDelete:
		return w.lines.line(w.prefix(op), op.Row, rowEnd)
	case host.OpTruncate:
		return w.lines.line(w.prefix(op), emptyRow, rowEnd)
	case host.OpCheckpoint:
		return w.lines.line(stateStart, op.State, stateEnd)
	case host.OpWarning:
		return w.log(warning, op.Message)
	case host.OpReplacedSecret:
		return w.secret(op.Field, op.Value.Reveal())
	case host.OpSchemaChange, host.OpTableBegin, host.OpTableEnd:
		return nil // readers learn of a table from its first record
	}
	return fmt.Errorf("write the answer: unknown operation %d", op.Kind)
}

// secret writes a SECRETS line, and waits until it is written: the value that
// it replaces is worth nothing any more.
func (w *wire) secret(field, value string) error {
	b := appendQuoted([]byte(`{"type":"SECRETS","secrets":{`), field)
	b = appendQuoted(append(b, ':'), value)
	if err := w.lines.line(b, []byte("}}")); err != nil {
		return err
	}
	return w.lines.flush()
}

// prefix returns what stands before a row: made once for each table.
func (w *wire) prefix(op *host.Operation) []byte {
	key := prefixKey{op.Table, op.Kind}
	if key == w.last {
		return w.prefixed
	}
	p, ok := w.prefixes[key]
	if !ok {
		p = newPrefix(op)
		w.prefixes[key] = p
	}
	w.last, w.prefixed = key, p
	return p
}

// newPrefix makes what stands before the rows of an operation's kind and table.
func newPrefix(op *host.Operation) []byte {
	var b []byte
	b = append(b, `{"type":"RECORD",`...)
	if op.Kind != host.OpUpsert {
		b = append(b, `"op":"`+strings.ToUpper(op.Kind.String())+`",`...)
	}
	b = append(b, `"record":{`...)
	b = append(appendQuoted(b, op.Table.Schema), `:{`...)
	return append(appendQuoted(b, op.Table.Name), ':')
}

// The levels of LOG lines that a connector writes.
const (
	warning = "WARNING"
	severe  = "SEVERE"
)

// log writes a LOG line.
func (w *wire) log(level, message string) error {
	b := []byte(`{"type":"LOG","log":{"level":"` + level + `","message":`)
	b = appendQuoted(b, message)
	return w.lines.line(b, []byte("}}"))
}

// schema writes the answer to a request for the schema: tables and columns in
// the order of their declaration.
func (w *wire) schema(s schema.Schema) error {
	if w.text {
		return w.lines.line(schemaText(s))
	}
	var names []string // of schemas
	tables := map[string][]*schema.Table{}
	for _, t := range s.Tables() {
		if tables[t.Schema] == nil {
			names = append(names, t.Schema)
		}
		tables[t.Schema] = append(tables[t.Schema], t)
	}
	b := []byte(`{"schemas":{`)
	for i, name := range names {
		b = append(appendQuoted(comma(b, i), name), `:{"tables":{`...)
		for i, t := range tables[name] {
			b = append(appendQuoted(comma(b, i), t.Name), `:{"columns":{`...)
			for i, c := range t.Columns {
				b = append(appendQuoted(comma(b, i), c.Name), `:{"type":"`+c.Type.String()+`"`...)
				if c.PrimaryKey {
					b = append(b, `,"primary_key":true`...)
				}
				if c.Precision > 0 {
					b = strconv.AppendInt(append(b, `,"precision":`...), int64(c.Precision), 10)
					b = strconv.AppendInt(append(b, `,"scale":`...), int64(c.Scale), 10)
				}
				b = append(b, '}')
			}
			b = append(b, "}}"...)
		}
		b = append(b, "}}"...)
	}
	return w.lines.line(b, []byte("}}"))
}

// schemaText lays the tables out for a person.
func schemaText(s schema.Schema) []byte {
	var b bytes.Buffer
	tab := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for i, t := range s.Tables() {
		if i > 0 {
			fmt.Fprintln(tab)
		}
		fmt.Fprintln(tab, t)
		if t.Description != "" {
			fmt.Fprintln(tab, t.Description)
		}
		for _, c := range t.Columns {
			notes := ""
			switch {
			case c.PrimaryKey:
				notes = "primary key"
			case c.Nullable:
				notes = "nullable"
			}
			typ := c.Type.String()
			if c.Precision > 0 {
				typ += fmt.Sprintf("(%d,%d)", c.Precision, c.Scale)
			}
			fmt.Fprintf(tab, "  %s\t%s\t%s\t%s\n", c.Name, typ, notes, c.Description)
		}
	}
	_ = tab.Flush()
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") // which tabwriter pads
	}
	return []byte(strings.Join(lines, "\n"))
}

// test writes the answer to a test.
func (w *wire) test(ok bool, message string) error {
	b := []byte(`{"status":"FAILURE","message":`)
	if ok {
		b = []byte(`{"status":"SUCCESS","message":`)
	}
	return w.lines.line(appendQuoted(b, message), []byte("}"))
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendQuoted appends a JSON string. Messages may quote what a source sent,
// so what is not UTF-8 is replaced.
func appendQuoted(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return quoted
}
