package airbyte

import (
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
			stream: s, added: addedTo(t),
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
	deleted := op.Kind == host.OpDelete
	if deleted && !t.added.deletedAt {
		return d.undeletable(t, op.Table)
	}
	if !t.running {
		if err := d.runs(t.stream); err != nil {
			return err
		}
	}
	t.records++
	t.total++
	withCursor, without := d.end.next(d.millis())
	d.buf = append(d.buf[:0], op.Row...)
	b := d.buf
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
	if d.buf = b; cap(b) > hugeRow {
		d.buf = nil
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
