package airbyte

import "github.com/penstock-sdk/penstock/schema"

// A tableName holds the name of the schema of a table and the name of the table. Unlike
// a pointer to a table, it does not change when the table is declared again.
type tableName [2]string

func nameOf(t *schema.Table) tableName { return tableName{t.Schema, t.Name} }
