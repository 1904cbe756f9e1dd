package bridge

import (
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// A tableSelection states which parts of a table the user has deselected.
type tableSelection struct {
	excluded bool
	columns  map[string]bool // false for each column that is deselected; never a key
}

// drops reports whether a column is deselected.
func (s *tableSelection) drops(column string) bool {
	selected, named := s.columns[column]
	return named && !selected
}

// selectionOf returns the selection of a table. The columns of the primary key are always
// selected.
func selectionOf(selected host.Selection, t *table) tableSelection {
	inSchema := selected.Schemas[t.Schema]
	inTable := inSchema.Tables[t.Name]
	s := tableSelection{excluded: inSchema.Excluded || inTable.Excluded, columns: maps.Clone(inTable.Columns)}
	for _, c := range t.Columns {
		if c.PrimaryKey {
			delete(s.columns, c.Name)
		}
	}
	return s
}

// choose applies a selection to the tables. It returns a warning for each part of the
// selection that has no effect, or that has one only if the source declares a table later.
func (t *tables) choose(selected host.Selection) (warnings []string) {
	for _, name := range t.schemas {
		for _, inSchema := range t.inSchema[name] {
			inSchema.selected = selectionOf(selected, inSchema)
			for _, c := range inSchema.Columns {
				if wanted, named := selected.Schemas[name].Tables[inSchema.Name].Columns[c.Name]; c.PrimaryKey && named && !wanted {
					warnings = append(warnings, fmt.Sprintf("column %s of table %s is part of the primary key and is delivered although it is not selected", c.Name, inSchema))
				}
			}
		}
	}
	if t.notSupported {
		return warnings // nobody knows which tables there are
	}
	for _, name := range slices.Sorted(maps.Keys(selected.Schemas)) {
		for _, wanted := range slices.Sorted(maps.Keys(selected.Schemas[name].Tables)) {
			switch {
			case t.named(name, wanted) != nil:
			case !t.withSchema && name != t.unnamed:
				warnings = append(warnings, fmt.Sprintf("the selection names table %s.%s, but the source has only the schema %s", name, wanted, t.unnamed))
			default:
				warnings = append(warnings, fmt.Sprintf("the selection names table %s.%s, which the answer to Schema does not have: it applies only if the source declares the table during the sync", name, wanted))
			}
		}
	}
	return warnings
}

// A sentSelection holds what the message that the source received says about each table.
type sentSelection map[tableName]*protocol.TableSelection

// excludes reports whether the message deselects the table of a record.
func (s sentSelection) excludes(r *protocol.Record) bool {
	t := s[tableName{r.Schema, r.Table}]
	return t != nil && !t.Included
}

// drops reports whether the message deselects a column of the table of a record.
func (s sentSelection) drops(r *protocol.Record, column string) bool {
	t := s[tableName{r.Schema, r.Table}]
	if t == nil {
		return false
	}
	selected, named := t.Columns[column]
	return named && !selected
}

// message returns the selection as the source receives it, and what it says about each
// table. Like Fivetran, it lists all tables and columns that are known, and includes those
// that appear later. The user's selection may name tables that the answer to Schema does not
// have, because the source has declared them in an earlier sync.
func (t *tables) message(selected host.Selection) (*protocol.Selection, sentSelection) {
	sent := sentSelection{}
	if !t.withSchema {
		only := &protocol.TablesWithNoSchema{Tables: t.selections(t.unnamed, selected), IncludeNewTables: true}
		sent.add("", only.Tables)
		return &protocol.Selection{WithoutSchema: only}, sent
	}
	with := &protocol.TablesWithSchema{IncludeNewSchemas: true}
	names := slices.Clone(t.schemas)
	for _, name := range slices.Sorted(maps.Keys(selected.Schemas)) {
		if t.inSchema[name] == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		s := protocol.SchemaSelection{Included: true, Name: name, Tables: t.selections(name, selected), IncludeNewTables: true}
		if t.hasUnnamed && name == t.unnamed {
			s.Name = ""
		}
		with.Schemas = append(with.Schemas, s)
		sent.add(s.Name, s.Tables)
	}
	return &protocol.Selection{WithSchema: with}, sent
}

// add adds the tables of a schema, which has the name that records have.
func (s sentSelection) add(schemaName string, tables []protocol.TableSelection) {
	for i := range tables {
		s[tableName{schemaName, tables[i].Name}] = &tables[i]
	}
}

// selections returns the selections of the tables of a schema: of those in the answer to
// Schema, and then of those that only the user's selection names.
func (t *tables) selections(schemaName string, selected host.Selection) []protocol.TableSelection {
	var all []protocol.TableSelection
	add := func(name string, columns []schema.Column, chosen tableSelection) {
		s := protocol.TableSelection{Included: !chosen.excluded, Name: name, Columns: map[string]bool{}, IncludeNewColumns: true}
		for _, c := range columns {
			s.Columns[c.Name] = true
		}
		maps.Copy(s.Columns, chosen.columns)
		all = append(all, s)
	}
	for _, inSchema := range t.inSchema[schemaName] {
		add(inSchema.Name, inSchema.Columns, inSchema.selected)
	}
	for _, name := range slices.Sorted(maps.Keys(selected.Schemas[schemaName].Tables)) {
		if t.named(schemaName, name) == nil {
			later := &table{Table: &schema.Table{Schema: schemaName, Name: name}}
			add(name, nil, selectionOf(selected, later))
		}
	}
	return all
}
