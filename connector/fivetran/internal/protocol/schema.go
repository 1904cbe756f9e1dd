package protocol

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// A DataType is the type of a column.
type DataType int32

// The types of columns.
const (
	Unspecified DataType = iota
	Boolean
	Short
	Int
	Long
	Decimal
	Float
	Double
	NaiveDate
	NaiveDatetime
	UTCDatetime
	Binary
	XML
	String
	JSON
	NaiveTime // not for sources
)

// A SchemaResponse answers a request for the tables.
type SchemaResponse struct {
	NotSupported bool // the source does not know its tables
	Tables       Tables
	// SelectionNotSupported states that the source ignores a Selection.
	SelectionNotSupported bool
}

// Tables lists tables. One of its fields is set.
type Tables struct {
	WithSchema    *SchemaList
	WithoutSchema *TableList
}

// A SchemaList lists the tables of several schemas.
type SchemaList struct{ Schemas []Schema }

// A Schema is a schema with its tables.
type Schema struct {
	Name   string
	Tables []Table
}

// A TableList lists the tables of a source with one schema.
type TableList struct{ Tables []Table }

// A Table is a table with its columns.
type Table struct {
	Name    string
	Columns []Column
}

// A Column is a column of a table.
type Column struct {
	Name       string
	Type       DataType
	PrimaryKey bool
	// Precision and Scale are those of a DECIMAL. A precision of 0 means neither is set.
	Precision, Scale uint32
}

// Append implements the message.
func (r *SchemaResponse) Append(b []byte) []byte {
	b = appendBool(b, 1, r.NotSupported)
	return appendOptionalBool(r.Tables.append(b, 2, 3), 4, r.SelectionNotSupported)
}

// Parse decodes the message.
func (r *SchemaResponse) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch f.number {
		case 1:
			r.NotSupported, r.Tables = f.bool(), Tables{}
		case 2, 3:
			r.NotSupported = false
			return r.Tables.parse(f, 2)
		case 4:
			r.SelectionNotSupported = f.bool()
		}
		return nil
	})
}

// append appends the list that is set, as the field of its number.
func (t *Tables) append(b []byte, withSchema, withoutSchema protowire.Number) []byte {
	switch {
	case t.WithSchema != nil:
		b = appendMessage(b, withSchema, t.WithSchema)
	case t.WithoutSchema != nil:
		b = appendMessage(b, withoutSchema, t.WithoutSchema)
	}
	return b
}

// parse decodes a list, whose number is withSchema if the list has schemas.
func (t *Tables) parse(f *field, withSchema protowire.Number) error {
	if !f.isBytes() {
		return nil
	}
	if f.number == withSchema {
		if t.WithSchema == nil {
			t.WithSchema = new(SchemaList)
		}
		t.WithoutSchema = nil
		return t.WithSchema.parse(f.bytes)
	}
	if t.WithoutSchema == nil {
		t.WithoutSchema = new(TableList)
	}
	t.WithSchema = nil
	return parseTables(&t.WithoutSchema.Tables, f.bytes, 1)
}

// Append implements the message.
func (l *SchemaList) Append(b []byte) []byte {
	for i := range l.Schemas {
		b = appendMessage(b, 1, &l.Schemas[i])
	}
	return b
}

func (l *SchemaList) parse(message []byte) error {
	return fields(message, func(f *field) error {
		if f.number != 1 || !f.isBytes() {
			return nil
		}
		var s Schema
		err := s.parse(f.bytes)
		l.Schemas = append(l.Schemas, s)
		return err
	})
}

// Append implements the message.
func (s *Schema) Append(b []byte) []byte {
	b = appendString(b, 1, s.Name)
	for i := range s.Tables {
		b = appendMessage(b, 2, &s.Tables[i])
	}
	return b
}

func (s *Schema) parse(message []byte) error {
	err := fields(message, func(f *field) error {
		if f.number == 1 && f.isBytes() {
			s.Name = f.string()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return parseTables(&s.Tables, message, 2)
}

// Append implements the message.
func (l *TableList) Append(b []byte) []byte {
	for i := range l.Tables {
		b = appendMessage(b, 1, &l.Tables[i])
	}
	return b
}

// parseTables adds the tables that the fields of a number hold.
func parseTables(tables *[]Table, message []byte, number protowire.Number) error {
	return fields(message, func(f *field) error {
		if f.number != number || !f.isBytes() {
			return nil
		}
		var t Table
		err := t.parse(f.bytes)
		*tables = append(*tables, t)
		return err
	})
}

// Append implements the message.
func (t *Table) Append(b []byte) []byte {
	b = appendString(b, 1, t.Name)
	for i := range t.Columns {
		b = appendMessage(b, 2, &t.Columns[i])
	}
	return b
}

func (t *Table) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			t.Name = f.string()
		case f.number == 2 && f.isBytes():
			var c Column
			err := c.parse(f.bytes)
			t.Columns = append(t.Columns, c)
			return err
		}
		return nil
	})
}

// Append implements the message.
func (c *Column) Append(b []byte) []byte {
	b = appendInt(appendString(b, 1, c.Name), 2, c.Type)
	b = appendBool(b, 3, c.PrimaryKey)
	if c.Precision == 0 {
		return b
	}
	return appendMessage(b, 4, &decimalParams{c.Precision, c.Scale})
}

// decimalParams is the message DataTypeParams with the precision and scale of a DECIMAL.
type decimalParams struct{ precision, scale uint32 }

func (p *decimalParams) Append(b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, 1, protowire.BytesType), appendInt(appendInt(nil, 1, p.precision), 2, p.scale))
}

func (c *Column) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			c.Name = f.string()
		case f.number == 2 && f.isVarint():
			c.Type = DataType(f.bits)
		case f.number == 3:
			c.PrimaryKey = f.bool()
		case f.number == 4 && f.isBytes():
			return fields(f.bytes, func(f *field) error {
				if f.number == 1 && f.isBytes() {
					return c.parseDecimal(f.bytes)
				}
				return nil
			})
		}
		return nil
	})
}

// parseDecimal decodes a precision and a scale.
func (c *Column) parseDecimal(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isVarint():
			c.Precision = uint32(f.bits)
		case f.number == 2 && f.isVarint():
			c.Scale = uint32(f.bits)
		}
		return nil
	})
}
