package protocol

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Selection states which schemas, tables and columns the user wants. One of its fields is
// set; both are nil if the message selects nothing in particular.
type Selection struct {
	WithoutSchema *TablesWithNoSchema
	WithSchema    *TablesWithSchema
}

// TablesWithNoSchema is the selection for a source with one schema.
type TablesWithNoSchema struct {
	Tables           []TableSelection
	IncludeNewTables bool
}

// TablesWithSchema is the selection for a source with several schemas.
type TablesWithSchema struct {
	Schemas           []SchemaSelection
	IncludeNewSchemas bool
}

// A SchemaSelection states which tables of a schema the user wants.
type SchemaSelection struct {
	Included         bool
	Name             string
	Tables           []TableSelection
	IncludeNewTables bool
}

// A TableSelection states which columns of a table the user wants.
type TableSelection struct {
	Included          bool
	Name              string
	Columns           map[string]bool
	IncludeNewColumns bool
}

// Append implements the message.
func (s *Selection) Append(b []byte) []byte {
	if s.WithoutSchema != nil {
		b = appendMessage(b, 1, s.WithoutSchema)
	}
	if s.WithSchema != nil {
		b = appendMessage(b, 2, s.WithSchema)
	}
	return b
}

// Parse decodes the message.
func (s *Selection) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			if s.WithoutSchema == nil {
				s.WithoutSchema = new(TablesWithNoSchema)
			}
			s.WithSchema = nil
			return s.WithoutSchema.parse(f.bytes)
		case f.number == 2 && f.isBytes():
			if s.WithSchema == nil {
				s.WithSchema = new(TablesWithSchema)
			}
			s.WithoutSchema = nil
			return s.WithSchema.parse(f.bytes)
		}
		return nil
	})
}

// Append implements the message.
func (t *TablesWithNoSchema) Append(b []byte) []byte {
	for i := range t.Tables {
		b = appendMessage(b, 1, &t.Tables[i])
	}
	return appendBool(b, 2, t.IncludeNewTables)
}

func (t *TablesWithNoSchema) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			return parseTable(&t.Tables, f.bytes)
		case f.number == 2:
			t.IncludeNewTables = f.bool()
		}
		return nil
	})
}

// Append implements the message.
func (t *TablesWithSchema) Append(b []byte) []byte {
	for i := range t.Schemas {
		b = appendMessage(b, 1, &t.Schemas[i])
	}
	return appendBool(b, 2, t.IncludeNewSchemas)
}

func (t *TablesWithSchema) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			var s SchemaSelection
			err := s.parse(f.bytes)
			t.Schemas = append(t.Schemas, s)
			return err
		case f.number == 2:
			t.IncludeNewSchemas = f.bool()
		}
		return nil
	})
}

// Append implements the message.
func (s *SchemaSelection) Append(b []byte) []byte {
	b = appendString(appendBool(b, 1, s.Included), 2, s.Name)
	for i := range s.Tables {
		b = appendMessage(b, 3, &s.Tables[i])
	}
	return appendBool(b, 4, s.IncludeNewTables)
}

func (s *SchemaSelection) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1:
			s.Included = f.bool()
		case f.number == 2 && f.isBytes():
			s.Name = f.string()
		case f.number == 3 && f.isBytes():
			return parseTable(&s.Tables, f.bytes)
		case f.number == 4:
			s.IncludeNewTables = f.bool()
		}
		return nil
	})
}

// Append implements the message.
func (t *TableSelection) Append(b []byte) []byte {
	b = appendString(appendBool(b, 1, t.Included), 2, t.Name)
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		entry := appendBool(appendString(nil, 1, name), 2, t.Columns[name])
		b = protowire.AppendBytes(protowire.AppendTag(b, 3, protowire.BytesType), entry)
	}
	return appendBool(b, 4, t.IncludeNewColumns)
}

func parseTable(tables *[]TableSelection, message []byte) error {
	var t TableSelection
	err := fields(message, func(f *field) error {
		switch {
		case f.number == 1:
			t.Included = f.bool()
		case f.number == 2 && f.isBytes():
			t.Name = f.string()
		case f.number == 3 && f.isBytes():
			if t.Columns == nil {
				t.Columns = map[string]bool{}
			}
			return parseColumn(t.Columns, f.bytes)
		case f.number == 4:
			t.IncludeNewColumns = f.bool()
		}
		return nil
	})
	*tables = append(*tables, t)
	return err
}

// parseColumn adds an entry to the columns of a table.
func parseColumn(columns map[string]bool, entry []byte) error {
	var name string
	var included bool
	err := fields(entry, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			name = f.string()
		case f.number == 2:
			included = f.bool()
		}
		return nil
	})
	columns[name] = included
	return err
}
