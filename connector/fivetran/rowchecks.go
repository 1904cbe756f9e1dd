package fivetran

import (
	"bytes"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

const (
	// maxRecordHead is the size of the tags and lengths of a message with a single record.
	maxRecordHead = 32
	// largeRow is the size of a row from which on its record may be too large. A record has
	// less than four times the size of the row.
	largeRow = protocol.MaxMessage / 4
)

// rowChecks finds rows that messages cannot carry. It is safe for concurrent use.
type rowChecks struct {
	mu       sync.Mutex // guards the encoders
	encoders map[tableName]*rowEncoder
}

// check returns an error if messages cannot carry a row. A row is only encoded for this if it
// is large, or if it may have a time in the year 0. The canonical text of such a time begins
// with 0000.
func (r *rowChecks) check(t *schema.Table, row []byte, typ protocol.RecordType) error {
	if len(row) < largeRow && !mayHaveYearZero(t, row) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name := tableName{t.Schema, t.Name}
	e := r.encoders[name]
	if e == nil || e.table != t {
		if r.encoders == nil {
			r.encoders = map[tableName]*rowEncoder{}
		}
		e = newRowEncoder(t, t.Schema)
		r.encoders[name] = e
	}
	record, err := e.append(make([]byte, 0, len(row)+len(row)/8), row, typ)
	if err != nil {
		return err
	}
	if size := len(record) + maxRecordHead; size > protocol.MaxMessage {
		return tooLarge(t, size)
	}
	return nil
}

// tooLarge returns the error for a row that takes more bytes in a message than Fivetran accepts.
// It is no schema.RowError: the advice for those is to compare the row with its schema.
func tooLarge(t *schema.Table, size int) error {
	return connector.Errorf(connector.Defect, "table %s: a row takes %d bytes in a message, and Fivetran accepts %d: deselect a large column, or split it in the connector", t, size, protocol.MaxMessage)
}

// mayHaveYearZero reports whether a row may have a time in the year 0.
func mayHaveYearZero(t *schema.Table, row []byte) bool {
	// It takes half the time to find the first text, since a row has many quotes.
	return hasTimes(t) && bytes.Contains(row, []byte(`0000-`)) && bytes.Contains(row, []byte(`"0000-`))
}

// hasTimes reports whether a table has a column of dates or times.
func hasTimes(t *schema.Table) bool {
	for i := range t.Columns {
		switch t.Columns[i].Type {
		case schema.TypeNaiveDate, schema.TypeNaiveDatetime, schema.TypeUTCDatetime:
			return true
		}
	}
	return false
}

// recordTypes holds the type of the record of each kind of row.
var recordTypes = [...]protocol.RecordType{
	host.OpUpsert: protocol.Upsert, host.OpUpdate: protocol.Update, host.OpDelete: protocol.Delete,
}

// CheckRow implements [host.RowChecker].
func (u *updateStream) CheckRow(kind host.OperationKind, t *schema.Table, row []byte) error {
	return u.checks.check(t, row, recordTypes[kind])
}
