package bridge

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// A table is a table of the source.
type table struct {
	*schema.Table
	encoder    *schema.Encoder
	index      map[string]int // of Columns, by name
	types      []protocol.DataType
	undeclared bool // the source does not know its tables
	selected   tableSelection

	cells []int // of the values of the current record, by column; -1 if there is none
	extra []int // the same for the columns that the table does not declare
}

// newTable returns a table that the source has declared. A column without a type is not part
// of it, because the type depends on the values. A key without a type has the type STRING, and
// its values are converted to text.
func newTable(schemaName string, declared *protocol.Table) (*table, error) {
	t := &table{Table: &schema.Table{Schema: schemaName, Name: declared.Name}, index: map[string]int{}}
	for i := range declared.Columns {
		c := &declared.Columns[i]
		typ, ok := types[c.Type]
		switch {
		case c.Type == protocol.Unspecified && c.PrimaryKey:
			typ = schema.TypeString
		case c.Type == protocol.Unspecified:
			continue
		case c.Type == protocol.NaiveTime:
			return nil, invalidSchema(fmt.Errorf("table %s, column %s: a source cannot declare NAIVE_TIME", t, c.Name), "declare the column as STRING")
		case !ok:
			return nil, invalidSchema(fmt.Errorf("table %s, column %s: %d is not a type", t, c.Name, c.Type), "use a type of the message DataType")
		}
		column := schema.Column{Name: c.Name, Type: typ, PrimaryKey: c.PrimaryKey}
		if typ == schema.TypeDecimal {
			column.Precision, column.Scale = int(c.Precision), int(c.Scale)
		}
		t.index[c.Name] = len(t.Columns)
		t.Columns = append(t.Columns, column)
		t.types = append(t.types, c.Type)
	}
	if err := t.Validate(); err != nil {
		return nil, invalidSchema(err, "correct the answer to Schema")
	}
	t.encoder = schema.NewEncoder(t.Table, nil)
	t.cells = make([]int, len(t.Columns))
	return t, nil
}

// newUndeclaredTable returns a table of a source that does not know its tables.
func newUndeclaredTable(schemaName, name string) *table {
	return &table{Table: &schema.Table{Schema: schemaName, Name: name}, undeclared: true}
}

// invalidSchema reports tables that are not valid.
func invalidSchema(err error, hint string) error {
	return &connector.Error{Kind: connector.Defect, Hint: hint, Err: err}
}
