package singer

import "github.com/penstock-sdk/penstock/schema"

// A tableKey identifies a table.
type tableKey struct{ schema, table string }

func keyOf(t *schema.Table) tableKey { return tableKey{t.Schema, t.Name} }
