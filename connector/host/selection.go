package host

import (
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// A Selection states which schemas, tables and columns of a source the user
// wants. The zero Selection selects everything. A host creates it from the
// request of its platform. Each level has a default for names that it does not
// list, which also applies to tables and columns that appear later.
//
// Names must match exactly. If a name that deselects something differs only in case from that
// of a declared table or column, which would be delivered, [Run.Sync] returns an error of kind
// Configuration. If such a name matches nothing by the end of a successful sync, the user
// receives a warning.
type Selection struct {
	// Schemas holds the selection of each named schema.
	Schemas map[string]SchemaSelection
	// Others is the selection of every schema that Schemas does not name, for platforms that
	// do not name the schema of a source with one. Optional; by default, all of their tables
	// are selected, unless OnlyNamed is set.
	Others *SchemaSelection
	// OnlyNamed excludes every schema that Schemas does not name. Others is then ignored.
	OnlyNamed bool
	// Listed states that the user has chosen from a list of the tables in the schema.
	// [SelectOnly] sets it. The list cannot contain a table that the connector declares
	// during the sync. If such a table is excluded, the user receives a warning.
	Listed bool
}

// A SchemaSelection states which tables of a schema the user wants. The zero
// SchemaSelection selects all of them.
type SchemaSelection struct {
	// Tables holds the selection of each named table. The keys do not contain
	// the name of the schema.
	Tables map[string]TableSelection
	// OnlyNamed excludes every table that Tables does not name.
	OnlyNamed bool
	// Excluded excludes the whole schema. Tables is then ignored.
	Excluded bool
}

// A TableSelection states which columns of a table the user wants. The zero
// TableSelection selects all of them.
type TableSelection struct {
	// Columns reports for each named column whether it is selected. The columns
	// of the primary key are always delivered.
	Columns map[string]bool
	// OnlyNamed excludes every column that Columns does not name.
	OnlyNamed bool
	// Excluded excludes the whole table. Columns is then ignored.
	Excluded bool
	// Reserved lists the names of columns that the host itself adds to the rows of the
	// table. Case does not matter. If a row has a column with such a name and the table
	// does not declare it, the column is not delivered, and the user receives a
	// warning. A declared column is delivered, so the host must not add its own.
	Reserved []string
}

// WantsTable reports whether the selection includes a table of a schema.
func (s *Selection) WantsTable(schemaName, table string) bool {
	_, wanted := s.table(schemaName, table)
	return wanted
}

// WantsColumn reports whether the selection includes a column of a table. It does
// not take primary keys into account.
func (s *Selection) WantsColumn(schemaName, table, column string) bool {
	t, wanted := s.table(schemaName, table)
	return wanted && t.wants(column)
}

// wants reports whether the selection of a table includes a column.
func (t *TableSelection) wants(column string) bool {
	if c, named := t.Columns[column]; named {
		return c
	}
	return !t.OnlyNamed
}

// columns returns the names of the columns that are delivered of a selected table:
// those of the primary key and those that the selection includes.
func (s *Selection) columns(t *schema.Table) []string {
	var names []string
	for _, c := range t.Columns {
		if c.PrimaryKey || s.WantsColumn(t.Schema, t.Name, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// reserved returns the reserved names of a table that none of its columns has.
func (s *Selection) reserved(t *schema.Table) []string {
	selected, _ := s.table(t.Schema, t.Name)
	return slices.DeleteFunc(slices.Clone(selected.Reserved), func(name string) bool {
		return slices.ContainsFunc(t.Columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, name) })
	})
}

func (s *Selection) table(schemaName, table string) (t TableSelection, wanted bool) {
	inSchema, named := s.Schemas[schemaName]
	if !named && s.Others != nil {
		inSchema = *s.Others
	}
	if inSchema.Excluded || !named && s.OnlyNamed {
		return t, false
	}
	t, named = inSchema.Tables[table]
	return t, !t.Excluded && (named || !inSchema.OnlyNamed)
}

// A TableChoice names a table that the user wants, for [SelectOnly].
type TableChoice struct {
	// Schema is the name of the table's schema. Optional if the name of the
	// table is unique.
	Schema string
	// Table is the name of the table, without that of the schema. Required.
	Table string
	// Columns lists the selected columns. The other columns that the schema
	// declares are excluded. Columns that the schema does not declare are
	// delivered, because a platform cannot list them. Optional; nil selects all
	// columns.
	Columns []string
}

// SelectOnly returns a selection of exactly the chosen tables, for platforms that
// list the selected tables. It also returns the choices whose tables are not in
// the schema, so that the host can report them to the user.
func SelectOnly(known schema.Schema, choices ...TableChoice) (sel Selection, unknown []TableChoice) {
	sel = Selection{OnlyNamed: true, Listed: true, Schemas: map[string]SchemaSelection{}}
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
			wanted := make(map[string]bool, len(c.Columns))
			for _, name := range c.Columns {
				wanted[name] = true
			}
			for _, column := range t.Columns {
				selected.Columns[column.Name] = column.PrimaryKey || wanted[column.Name]
			}
		}
		inSchema.Tables[t.Name] = selected
		sel.Schemas[t.Schema] = inSchema
	}
	return sel, unknown
}

// unknown returns the names of the tables that the selection names and the schema
// lacks, sorted. They are qualified if the selection names the schema. It does not
// check columns, because a selection may name a column that no table declares.
func (s *Selection) unknown(known schema.Schema) []string {
	has, others := map[[2]string]bool{}, map[string]bool{}
	for _, t := range known.Tables() {
		has[[2]string{t.Schema, t.Name}] = true
		if _, named := s.Schemas[t.Schema]; !named {
			others[t.Name] = true
		}
	}
	var names []string
	if s.Others != nil {
		for _, table := range slices.Sorted(maps.Keys(s.Others.Tables)) {
			if !others[table] {
				names = append(names, table)
			}
		}
	}
	for _, schemaName := range slices.Sorted(maps.Keys(s.Schemas)) {
		for _, table := range slices.Sorted(maps.Keys(s.Schemas[schemaName].Tables)) {
			if !has[[2]string{schemaName, table}] {
				names = append(names, schemaName+"."+table)
			}
		}
	}
	return names
}
