package airbyte

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// hugeRow is the capacity in bytes above which the buffer of a row is not reused.
const hugeRow = 1 << 20

// A target is where the rows of one declaration of a table go.
type target struct {
	*stream
	prefix string // of a RECORD line, up to the row
	keyed  bool
	added  addedColumns
}

// targetOf returns the target of a table. The runtime delivers the rows of selected
// tables only, and a record of any other stream would end the read of the platform.
func (d *delivery) targetOf(t *schema.Table) (*target, error) {
	if t == d.last {
		return d.target, nil
	}
	found := d.targets[t]
	if found == nil {
		s := d.streamOf(t)
		if s == nil {
			return nil, connector.Errorf(connector.Defect, "write a message: table %s is not in the configured catalog", t)
		}
		descriptor := s.quoted[1 : len(s.quoted)-1] // the members, of which name comes first
		found = &target{
			stream: s, keyed: len(t.PrimaryKey()) > 0, added: addedTo(t),
			prefix: `{"type":"RECORD","record":{"stream"` + descriptor[len(`"name"`):] + `,"data":`,
		}
		d.targets[t] = found
	}
	d.last, d.target = t, found
	return found, nil
}

// row writes a record. Its data is the row as the runtime has encoded it, followed by
// the added columns.
func (d *delivery) row(op *host.Operation) error {
	t, err := d.targetOf(op.Table)
	if err != nil {
		return err
	}
	row, deleted := op.Row, op.Kind == host.OpDelete
	if deleted && !t.added.deletedAt {
		return d.undeletable(t, op.Table)
	}
	if t.keyed && bytes.Contains(row, []byte(`"`+addedPrefix)) {
		if row, err = d.withoutAdded(t, op); err != nil {
			return err
		}
	}
	if !t.running {
		if err := d.runs(t.stream); err != nil {
			return err
		}
	}
	t.records++
	t.total++
	withCursor, without := d.end.next(d.millis())
	b := append(d.buf[:0], row...)
	if deleted {
		b = append(b[:len(b)-1], `,"`+deletedColumn+`":"`...)
		b = time.Unix(0, d.now()).UTC().AppendFormat(b, timeFormat)
		b = append(b, `"}`...)
	}
	if t.added.cursor {
		b = append(b[:len(b)-1], withCursor...)
	} else {
		b = append(b, without...)
	}
	if cap(b) <= hugeRow {
		d.buf = b
	}
	return d.lines.Line(t.prefix, b, "")
}

// timeFormat is RFC 3339 with microseconds, which is what databases keep.
const timeFormat = "2006-01-02T15:04:05.000000Z07:00"

// runs writes the second status of a stream, which precedes its first record.
func (d *delivery) runs(s *stream) error {
	if err := d.start(s); err != nil {
		return err
	}
	s.running = true
	return d.status(s.descriptor, statusRunning)
}

// undeletable warns that the deleted rows of a table stay in the destination.
func (d *delivery) undeletable(t *target, table *schema.Table) error {
	if t.warned.deleted {
		return nil
	}
	t.warned.deleted = true
	return d.warn(fmt.Sprintf("table %s has a column %s of its own, so Airbyte cannot be told that a row was deleted, and deleted rows stay in the destination; "+
		"let the connector give the column another name", table, deletedColumn))
}

// withoutAdded returns a row without the members that have the name of an added column
// although the table does not declare them, and warns about them.
func (d *delivery) withoutAdded(t *target, op *host.Operation) ([]byte, error) {
	row, removed, err := withoutMembers(op.Row, func(name string) bool {
		return name == cursorColumn && t.added.cursor || name == deletedColumn && t.added.deletedAt
	})
	if err != nil || removed == "" || t.warned.added {
		return row, err
	}
	t.warned.added = true
	return row, d.warn(fmt.Sprintf("table %s: rows have an undeclared column %s, which Airbyte reserves for its own use, so the column is not delivered; "+
		"let the connector declare the column in its schema, or give it another name", op.Table, removed))
}

// withoutMembers returns a JSON object on one line without the members that remove
// selects, and the name of one of them.
func withoutMembers(object []byte, remove func(name string) bool) (rest []byte, removed string, err error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return nil, "", err
	}
	rest = append(rest, '{')
	for dec.More() {
		start := dec.InputOffset()
		name, err := dec.Token()
		if err != nil {
			return nil, "", err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, "", err
		}
		if name := name.(string); remove(name) {
			removed = name
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		rest = append(rest, bytes.TrimPrefix(object[start:dec.InputOffset()], []byte(","))...)
	}
	return append(rest, '}'), removed, nil
}
