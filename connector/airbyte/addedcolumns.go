package airbyte

import (
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// The columns that the records of a table with a primary key have in addition to the
// columns of the table.
const (
	// cursorColumn grows with each record, so that a destination that keeps one record
	// for each key can tell which one is the last.
	cursorColumn = "_ab_cdc_cursor"
	// deletedColumn holds the time at which a row was deleted.
	deletedColumn = "_ab_cdc_deleted_at"
)

// addedColumns states which columns are added to a table.
type addedColumns struct{ cursor, deletedAt bool }

// addedTo returns the columns that are added to a table. A column that the table
// itself declares is not added: the values of the source are delivered.
func addedTo(t *schema.Table) addedColumns {
	keyed := len(t.PrimaryKey()) > 0
	added := addedColumns{keyed, keyed}
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, cursorColumn) {
			added.cursor = false
		}
		if strings.EqualFold(c.Name, deletedColumn) {
			added.deletedAt = false
		}
	}
	return added
}

// properties returns the schemas of the added columns.
func (a addedColumns) properties() properties {
	var all properties
	if a.cursor {
		all = append(all, property{cursorColumn, schemaOf(schema.Column{Type: schema.TypeLong})})
	}
	if a.deletedAt {
		all = append(all, property{deletedColumn, schemaOf(schema.Column{Type: schema.TypeUTCDatetime})})
	}
	return all
}
