package airbyte

import (
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// hugeRow is the capacity in bytes above which the buffer of a row is not reused.
const hugeRow = 16 << 20

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
	if deleted && t.markDeselected {
		if err := d.unmarked(t, op.Table); err != nil {
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
	s.running = true
	return d.status(s.descriptor, statusRunning)
}

// unmarked warns that the platform may remove the column that marks a deleted row.
func (d *delivery) unmarked(t *target, table *schema.Table) error {
	if t.warned.deleted {
		return nil
	}
	t.warned.deleted = true
	return d.warn(fmt.Sprintf("table %s has deleted rows, but the column %s is not selected: it is delivered anyway, because a deleted row would otherwise look like a row of nulls; "+
		"refresh the schema of the connection, and select the column in the stream %s", table, deletedColumn, t.descriptor))
}

// undeletable warns that the deleted rows of a table stay in the destination.
func (d *delivery) undeletable(t *target, table *schema.Table) error {
	if t.warned.deleted {
		return nil
	}
	t.warned.deleted = true
	return d.warn(fmt.Sprintf("table %s has its own column %s, so a sync cannot tell Airbyte that a row was deleted, and deleted rows stay in the destination; "+
		"rename the column in the connector", table, deletedColumn))
}
