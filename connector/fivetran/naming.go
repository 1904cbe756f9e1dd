package fivetran

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// A naming states how messages name the tables of a source: by their names alone if all of
// them have the same schema, or with their schemas.
type naming struct {
	several bool
	only    string // the name of the only schema; "" if there is no table
}

func newNaming(known schema.Schema) naming {
	var n naming
	for i, t := range known.Tables() {
		if i == 0 {
			n.only = t.Schema
		}
		n.several = n.several || t.Schema != n.only
	}
	return n
}

// check returns an error if messages cannot name a table, which the schema did not contain.
func (n *naming) check(t *schema.Table) error {
	if n.several || n.only == "" || t.Schema == n.only {
		return nil
	}
	return connector.Errorf(connector.Defect, "table %s: Fivetran was told that all tables are in one schema, %s: let the connector's Schema return a table of each schema, or declare the table in the schema %[2]s", t, n.only)
}

// add notes a table that was declared during the sync.
func (n *naming) add(t *schema.Table) {
	if !n.several && n.only == "" {
		n.only = t.Schema
	}
}

// schemaOf returns the name of the schema in the records of a table.
func (n *naming) schemaOf(t *schema.Table) string {
	if n.several {
		return t.Schema
	}
	return ""
}

// tables describes tables.
func (n *naming) tables(tables []*schema.Table) protocol.Tables {
	if !n.several {
		list := new(protocol.TableList)
		for _, t := range tables {
			list.Tables = append(list.Tables, tableMessage(t))
		}
		return protocol.Tables{WithoutSchema: list}
	}
	list := new(protocol.SchemaList)
	position := map[string]int{}
	for _, t := range tables {
		i, ok := position[t.Schema]
		if !ok {
			i = len(list.Schemas)
			position[t.Schema] = i
			list.Schemas = append(list.Schemas, protocol.Schema{Name: t.Schema})
		}
		list.Schemas[i].Tables = append(list.Schemas[i].Tables, tableMessage(t))
	}
	return protocol.Tables{WithSchema: list}
}

// tableMessage describes a table.
func tableMessage(t *schema.Table) protocol.Table {
	m := protocol.Table{Name: t.Name}
	for _, c := range t.Columns {
		m.Columns = append(m.Columns, protocol.Column{
			Name: c.Name, Type: dataTypes[c.Type], PrimaryKey: c.PrimaryKey,
			Precision: uint32(c.Precision), Scale: uint32(c.Scale),
		})
	}
	return m
}

// dataTypes holds the platform's type of each type.
var dataTypes = map[schema.Type]protocol.DataType{
	schema.TypeBoolean:       protocol.Boolean,
	schema.TypeShort:         protocol.Short,
	schema.TypeInt:           protocol.Int,
	schema.TypeLong:          protocol.Long,
	schema.TypeFloat:         protocol.Float,
	schema.TypeDouble:        protocol.Double,
	schema.TypeDecimal:       protocol.Decimal,
	schema.TypeNaiveDate:     protocol.NaiveDate,
	schema.TypeNaiveDatetime: protocol.NaiveDatetime,
	schema.TypeUTCDatetime:   protocol.UTCDatetime,
	schema.TypeBinary:        protocol.Binary,
	schema.TypeXML:           protocol.XML,
	schema.TypeString:        protocol.String,
	schema.TypeJSON:          protocol.JSON,
}
