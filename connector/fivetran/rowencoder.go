package fivetran

import (
	"bytes"
	"fmt"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// A rowEncoder encodes the rows of one table as records.
type rowEncoder struct {
	table     *schema.Table
	reader    *schema.RowReader
	heads     [protocol.TruncateTable + 1][]byte // the beginning of a record of each type
	keys      []protocol.Key                     // of the declared columns
	shortened map[string]bool                    // the columns with times that lost digits
	unwarned  []string                           // those of shortened that takeShortened has not returned
}

func newRowEncoder(t *schema.Table, schemaName string) *rowEncoder {
	e := &rowEncoder{table: t, reader: schema.NewRowReader(t), keys: make([]protocol.Key, len(t.Columns))}
	for typ := range e.heads {
		e.heads[typ] = protocol.AppendRecordHead(nil, schemaName, t.Name, protocol.RecordType(typ))
	}
	for i := range t.Columns {
		e.keys[i] = protocol.NewKey(t.Columns[i].Name)
	}
	return e
}

// append appends the fields of a record. A truncation has no row.
func (e *rowEncoder) append(b, row []byte, typ protocol.RecordType) ([]byte, error) {
	b = append(b, e.heads[typ]...)
	if typ == protocol.TruncateTable {
		return b, nil
	}
	cells, err := e.reader.Read(row)
	if err != nil {
		return nil, fmt.Errorf("encode a row: %w", err)
	}
	for i := range cells {
		c := &cells[i]
		var key protocol.Key
		if c.Column >= 0 {
			key = e.keys[c.Column]
		} else {
			key = protocol.NewKey(c.Name)
		}
		switch kind := textKinds[c.Type]; { // most cells are text or integers
		case c.Kind == schema.CellText && kind != 0:
			b = key.AppendBytes(b, kind, c.Bytes)
		case c.Kind == schema.CellInt:
			b = key.AppendInt(b, integerKinds[c.Type], c.Int)
		default:
			if b, err = e.appendCell(b, key, c); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// appendCell appends a value that is neither an integer nor text on the wire.
func (e *rowEncoder) appendCell(b []byte, key protocol.Key, c *schema.Cell) ([]byte, error) {
	switch c.Kind {
	case schema.CellNull:
		return key.AppendNull(b), nil
	case schema.CellBool:
		return key.AppendBool(b, c.Bool), nil
	case schema.CellFloat:
		return appendFloat(b, key, c), nil
	case schema.CellBytes:
		return key.AppendBytes(b, protocol.BinaryValue, c.Bytes), nil
	case schema.CellJSON:
		return key.AppendBytes(b, protocol.JSONValue, c.Bytes), nil
	case schema.CellText:
		return e.appendTime(b, key, c)
	}
	return nil, fmt.Errorf("encode a row of table %s: column %s has a value that does not fit its type %v", e.table, c.Name, c.Type)
}

// integerKinds holds the kind of value of each type of integers.
var integerKinds = [...]protocol.ValueKind{
	schema.TypeShort: protocol.ShortValue,
	schema.TypeInt:   protocol.IntValue,
	schema.TypeLong:  protocol.LongValue,
}

// textKinds holds the kind of value of each type that is text on the wire, too.
var textKinds = [256]protocol.ValueKind{
	schema.TypeString:  protocol.StringValue,
	schema.TypeDecimal: protocol.DecimalValue,
	schema.TypeXML:     protocol.XMLValue,
}

// appendFloat appends a FLOAT or DOUBLE. The number of an undeclared column has no type that
// allows to round it, so it is a DECIMAL if a float would lose digits.
func appendFloat(b []byte, key protocol.Key, c *schema.Cell) []byte {
	switch {
	case c.Type == schema.TypeFloat:
		return key.AppendFloat(b, float32(c.Float))
	case c.Column < 0 && !hasAllDigits(c.Float, c.Raw):
		return key.AppendBytes(b, protocol.DecimalValue, c.Raw)
	}
	return key.AppendDouble(b, c.Float)
}

// appendTime appends a date or time.
func (e *rowEncoder) appendTime(b []byte, key protocol.Key, c *schema.Cell) ([]byte, error) {
	at, err := c.Time()
	if err != nil {
		return nil, fmt.Errorf("encode a row of table %s: %w", e.table, err)
	}
	if at.Unix() < protocol.FirstSecond {
		return nil, &schema.RowError{
			Table: e.table.String(), Column: c.Name, Want: c.Type, Got: "a time in the year 0",
			Problem: "Fivetran accepts the years 1 to 9999: emit null instead, or declare the column as STRING",
		}
	}
	kind := protocol.UTCDatetimeValue
	switch c.Type {
	case schema.TypeNaiveDate:
		kind = protocol.NaiveDateValue
	case schema.TypeNaiveDatetime:
		kind = protocol.NaiveDatetimeValue
	}
	if len(c.Bytes) > len("2006-01-02T15:04:05.123456789") && losesDigits(c.Bytes) && !e.shortened[c.Name] {
		if e.shortened == nil {
			e.shortened = map[string]bool{}
		}
		e.shortened[c.Name] = true
		e.unwarned = append(e.unwarned, c.Name)
	}
	return key.AppendTime(b, kind, at), nil
}

// losesDigits reports whether a time has other digits than 0 after the ninth of its fraction.
func losesDigits(text []byte) bool {
	_, fraction, found := bytes.Cut(text, []byte("."))
	if !found || len(fraction) <= 9 {
		return false
	}
	return len(bytes.Trim(fraction[9:], "0Z")) > 0
}

// takeShortened returns the columns in whose times digits were lost for the first time.
func (e *rowEncoder) takeShortened() []string {
	columns := e.unwarned
	e.unwarned = nil
	return columns
}
