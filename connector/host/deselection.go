package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/schema"
)

// maxNamed limits how many names a warning lists.
const maxNamed = 10

// foldKey returns the same text for two names if strings.EqualFold reports that they are
// equal, so that a map finds a name in any case.
func foldKey(name string) string {
	return strings.Map(func(r rune) rune {
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, name)
}

// A deselectedName is the name of a table in a selection that deselects it or some of its
// columns. The schema is "" if the selection does not name it.
type deselectedName struct{ schema, table string }

func (n deselectedName) String() string {
	if n.schema == "" {
		return n.table
	}
	return n.schema + "." + n.table
}

// foldKey returns the key of the name in any case.
func (n deselectedName) foldKey() string { return foldKey(n.schema) + idSeparator + foldKey(n.table) }

// A deselectedTables holds the tables that a selection deselects at least in part.
type deselectedTables struct {
	names  []deselectedName
	byFold map[string]deselectedName // by their foldKey, those of s.Others with the schema ""
}

// newDeselectedTables returns the tables that a selection deselects at least in part.
func newDeselectedTables(s *Selection) *deselectedTables {
	d := &deselectedTables{byFold: map[string]deselectedName{}}
	add := func(schemaName string, tables map[string]TableSelection) {
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			if tables[name].deselects() {
				n := deselectedName{schemaName, name}
				d.names = append(d.names, n)
				d.byFold[n.foldKey()] = n
			}
		}
	}
	if s.Others != nil && !s.Others.Excluded && !s.OnlyNamed {
		add("", s.Others.Tables)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Schemas)) {
		if !s.Schemas[name].Excluded {
			add(name, s.Schemas[name].Tables)
		}
	}
	return d
}

// deselects reports whether the selection names anything to be left out.
func (t TableSelection) deselects() bool {
	if t.Excluded {
		return true
	}
	for _, wanted := range t.Columns {
		if !wanted {
			return true
		}
	}
	return false
}

// checkDeselected returns an error if the selection deselects a table, or columns of it, by a
// name that differs only in case from that of a declared table, which would be delivered.
func (s *session) checkDeselected(declared *schema.Table) error {
	selection := &s.request.Selection
	if len(s.deselected.byFold) == 0 || selection.names(declared.Schema, declared.Name) || !selection.WantsTable(declared.Schema, declared.Name) {
		return nil
	}
	name, found := s.deselected.byFold[deselectedName{declared.Schema, declared.Name}.foldKey()]
	if !found && !selection.namesSchema(declared.Schema) {
		name, found = s.deselected.byFold[deselectedName{"", declared.Name}.foldKey()]
	}
	if !found {
		return nil
	}
	return connector.Errorf(connector.Configuration,
		"selection: it deselects %s or columns of it, but the name of the table is %s, and case matters: correct the name in the selection",
		pasted.Label(name.String()), declared)
}

// names reports whether the selection lists a table.
func (s *Selection) names(schemaName, table string) bool {
	inSchema, named := s.Schemas[schemaName]
	if !named && s.Others != nil {
		inSchema = *s.Others
	}
	_, named = inSchema.Tables[table]
	return named
}

func (s *Selection) namesSchema(name string) bool {
	_, named := s.Schemas[name]
	return named
}

// unknownDeselected returns a warning about deselected tables that were not declared, or "".
func (s *session) unknownDeselected() string {
	others := map[string]bool{} // the tables to which Selection.Others applies
	for t := range s.names.All() {
		if !s.request.Selection.namesSchema(t.Schema) {
			others[t.Name] = true
		}
	}
	var unknown []string
	for _, n := range s.deselected.names {
		known := others[n.table]
		if n.schema != "" {
			_, known = s.names.Get(n.schema, n.table)
		}
		if !known {
			unknown = append(unknown, n.String())
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return fmt.Sprintf("the selection deselects %s, or columns of it, but the source has no such table: if the name is misspelt, rows were delivered that should not have been",
		listedNames(unknown, "table"))
}

// An undeclaredColumns holds the deselected columns of a table that are not declared. The
// value is whether a row has had the column.
type undeclaredColumns map[string]*atomic.Bool

// newUndeclaredColumns returns the deselected columns that a table does not declare, without
// the reserved ones, which the host deselects and not the user. The argument old holds those
// of its last declaration, or nil. It is an error if such a name differs only in case from
// that of a column that would be delivered.
func (s *session) newUndeclaredColumns(t *schema.Table, old undeclaredColumns, redeclared bool) (undeclaredColumns, error) {
	selected, wanted := s.request.Selection.table(t.Schema, t.Name)
	if !wanted || len(selected.Columns) == 0 {
		return nil, nil
	}
	declared := make(map[string]bool, len(t.Columns))
	for _, c := range t.Columns {
		declared[c.Name] = true
	}
	undeclared := undeclaredColumns{}
	byFold := map[string]string{}
	add := func(name string, seen *atomic.Bool) {
		if declared[name] || slices.ContainsFunc(selected.Reserved, func(reserved string) bool { return strings.EqualFold(reserved, name) }) {
			return
		}
		undeclared[name] = seen
		if key := foldKey(name); byFold[key] == "" || name < byFold[key] { // an error names the same one each time
			byFold[key] = name
		}
	}
	for name, wanted := range selected.Columns {
		if wanted {
			continue
		}
		seen := old[name]
		if seen == nil {
			seen = new(atomic.Bool)
			seen.Store(redeclared) // the last declaration has had it
		}
		add(name, seen)
	}
	if len(undeclared) == 0 {
		return nil, nil
	}
	for _, c := range t.Columns {
		name, found := byFold[foldKey(c.Name)]
		if _, named := selected.Columns[c.Name]; !found || named || selected.OnlyNamed {
			continue
		}
		return nil, connector.Errorf(connector.Configuration,
			"selection: it deselects the column %s of table %s, but the name of the column is %s, and case matters: correct the name in the selection",
			pasted.Label(name), t, c.Name)
	}
	return undeclared, nil
}

// note records that a row has a column that is not delivered.
func (u undeclaredColumns) note(column string) {
	if seen := u[column]; seen != nil && !seen.Load() {
		seen.Store(true)
	}
}

// unseen returns the names of the columns that no row has had, sorted.
func (u undeclaredColumns) unseen() []string {
	var names []string
	for name, seen := range u {
		if !seen.Load() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unknownColumns returns a warning about deselected columns that neither the declaration nor
// a row of the table has had, or "". If the sync has delivered no row, it is unknown which
// columns the rows have.
func (t *table) unknownColumns() string {
	if !t.selected || t.upserts.Load()+t.updates.Load() == 0 {
		return ""
	}
	names := t.undeclared.unseen()
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("table %s: the selection deselects %s, but neither the table nor any of its rows in this sync has such a column: if the name is misspelt, values were delivered that should not have been",
		t, listedNames(names, "column"))
}

// listedNames formats a list of names from a selection with a noun.
func listedNames(names []string, noun string) string {
	shown := names[:min(len(names), maxNamed)]
	labels := make([]string, len(shown))
	for i, name := range shown {
		labels[i] = pasted.Label(name)
	}
	text := noun + " " + strings.Join(labels, ", ")
	if len(names) > 1 {
		text = noun + "s " + strings.Join(labels, ", ")
	}
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
