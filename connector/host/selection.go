package host

import (
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// A Selection says what of a source the user wants. The zero value wants
// everything. It is data: a wire fills it from whatever its platform sends.
// Each level decides about what the level below does not name, which includes
// tables and columns that appear later.
type Selection struct {
	// Schemas are the schemas by name.
	Schemas map[string]SchemaSelection
	// OnlyNamed leaves out every schema that Schemas does not name.
	OnlyNamed bool
}

// A SchemaSelection says which tables of a schema the user wants. The zero
// value wants all of them.
type SchemaSelection struct {
	// Tables are the tables by their own name.
	Tables map[string]TableSelection
	// OnlyNamed leaves out every table that Tables does not name.
	OnlyNamed bool
	// Excluded leaves the schema out, whatever Tables says.
	Excluded bool
}

// A TableSelection says which columns of a table the user wants. The zero value
// wants all of them.
type TableSelection struct {
	// Columns says for columns by name whether they are wanted. The columns of
	// the primary key are delivered in any case.
	Columns map[string]bool
	// OnlyNamed leaves out every column that Columns does not name.
	OnlyNamed bool
	// Excluded leaves the table out, whatever Columns says.
	Excluded bool
}

// WantsTable reports whether the user wants a table of a schema.
func (s *Selection) WantsTable(schemaName, table string) bool {
	_, wanted := s.table(schemaName, table)
	return wanted
}

// WantsColumn reports whether the user wants a column of a table. It does not
// know about primary keys.
func (s *Selection) WantsColumn(schemaName, table, column string) bool {
	t, wanted := s.table(schemaName, table)
	if !wanted {
		return false
	}
	if c, named := t.Columns[column]; named {
		return c
	}
	return !t.OnlyNamed
}

func (s *Selection) table(schemaName, table string) (t TableSelection, wanted bool) {
	inSchema, named := s.Schemas[schemaName]
	if inSchema.Excluded || !named && s.OnlyNamed {
		return t, false
	}
	t, named = inSchema.Tables[table]
	return t, !t.Excluded && (named || !inSchema.OnlyNamed)
}

// A TableChoice names a table that the user wants, for [SelectOnly].
type TableChoice struct {
	// Schema is the name of the table's schema. It may be empty where the
	// table's name is unique.
	Schema string
	// Table is the table's own name. Required.
	Table string
	// Columns are the columns of the schema that the user wants, and no others.
	// Columns that the schema does not declare are delivered: a platform cannot
	// list them. Nil wants all columns.
	Columns []string
}

// SelectOnly returns the selection of the given tables and nothing else, for
// platforms that list what the user wants. Choices of tables that the schema
// does not have are returned: a host tells the user about them.
func SelectOnly(known schema.Schema, choices ...TableChoice) (sel Selection, unknown []TableChoice) {
	sel = Selection{OnlyNamed: true, Schemas: map[string]SchemaSelection{}}
	byName := map[[2]string]*schema.Table{}
	for _, t := range known.Tables() {
		byName[[2]string{t.Schema, t.Name}] = t
	}
	for _, c := range choices {
		t := byName[[2]string{c.Schema, c.Table}]
		if t == nil && c.Schema == "" {
			t, _ = known.Table(c.Table)
		}
		if t == nil {
			unknown = append(unknown, c)
			continue
		}
		inSchema, ok := sel.Schemas[t.Schema]
		if !ok {
			inSchema = SchemaSelection{OnlyNamed: true, Tables: map[string]TableSelection{}}
		}
		selected := TableSelection{Columns: map[string]bool{}}
		if c.Columns != nil {
			for _, column := range t.Columns {
				selected.Columns[column.Name] = column.PrimaryKey || slices.Contains(c.Columns, column.Name)
			}
		}
		inSchema.Tables[t.Name] = selected
		sel.Schemas[t.Schema] = inSchema
	}
	return sel, unknown
}

// unknown returns the qualified names of the tables in the selection that the
// schema does not have, sorted. Columns are not among them: a column may be one
// that no table declares.
func (s *Selection) unknown(known schema.Schema) []string {
	has := map[[2]string]bool{}
	for _, t := range known.Tables() {
		has[[2]string{t.Schema, t.Name}] = true
	}
	var names []string
	for _, schemaName := range slices.Sorted(maps.Keys(s.Schemas)) {
		for _, table := range slices.Sorted(maps.Keys(s.Schemas[schemaName].Tables)) {
			if !has[[2]string{schemaName, table}] {
				names = append(names, schemaName+"."+table)
			}
		}
	}
	return names
}
