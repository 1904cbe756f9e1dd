package singer

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// streams holds the streams of a source and what the catalog says about them.
type streams struct {
	all        []*stream
	byName     map[string]*stream
	byTable    map[tableKey]*stream
	schemaName string // of all tables; empty if there are several schemas
	selection  host.Selection
	expected   map[string]string // the streams that only the sync declares, by the names of their parts in the old state

	startVersion string // of the state from which the sync starts; empty for a first sync
}

// newStreams names the streams of a schema. All tables are selected.
func newStreams(tables schema.Schema) (*streams, error) {
	s := &streams{byName: map[string]*stream{}, byTable: map[tableKey]*stream{}, expected: map[string]string{}}
	declared := tables.Tables()
	for i, t := range declared {
		switch {
		case i == 0:
			s.schemaName = t.Schema
		case t.Schema != s.schemaName:
			s.schemaName = ""
		}
	}
	shared := map[string]int{} // the number of tables with a name
	for _, t := range declared {
		shared[s.nameOf(t)]++
	}
	for _, t := range declared {
		if err := checkMark(t); err != nil {
			return nil, err
		}
		name := s.nameOf(t)
		if shared[name] > 1 { // the table b-c of the schema a, and the table c of a-b
			name += "-" + strconv.Itoa(len(t.Schema))
		}
		if _, err := s.add(name, t); err != nil {
			return nil, err
		}
	}
	s.selectAll()
	return s, nil
}

// nameOf returns the name of a table's stream: that of the table, preceded by that of
// its schema if there are several schemas.
func (s *streams) nameOf(t *schema.Table) string {
	if t.Schema == s.schemaName || t.Schema == "" {
		return t.Name
	}
	return t.Schema + "-" + t.Name
}

// add adds a stream.
func (s *streams) add(name string, t *schema.Table) (*stream, error) {
	if other := s.byName[name]; other != nil {
		return nil, connector.Errorf(connector.Defect, "tables %s and %s are both the stream %q: rename one of them", other.table, t, name)
	}
	added := &stream{name: name, table: t}
	s.all = append(s.all, added)
	s.byName[name], s.byTable[keyOf(t)] = added, added
	return added, nil
}

// declare adds or changes the stream of a table that was declared during the sync.
func (s *streams) declare(t *schema.Table) (*stream, error) {
	for i := range t.Columns {
		if c := &t.Columns[i]; isMark(c.Name) && (c.PrimaryKey || s.wants(t, c)) {
			return nil, connector.Errorf(connector.Defect, "%w", errReserved(t.String(), c.Name))
		}
	}
	if known := s.byTable[keyOf(t)]; known != nil {
		known.table = t
		return known, nil
	}
	added, err := s.add(s.nameOf(t), t)
	if err != nil {
		return nil, err
	}
	added.late = true
	return added, nil
}

// of returns the stream of a table, or nil.
func (s *streams) of(t *schema.Table) *stream { return s.byTable[keyOf(t)] }

// carrier returns the stream of the table that a stream's table follows, or nil.
func (s *streams) carrier(follower *stream) *stream {
	if follower.table.Follows == "" {
		return nil
	}
	return s.byTable[tableKey{follower.table.Schema, follower.table.Follows}]
}

// isSelected reports whether the user wants a stream.
func (s *streams) isSelected(stream *stream) bool {
	return s.selection.WantsTable(stream.table.Schema, stream.table.Name)
}

// wants reports whether the column of a selected table is delivered.
func (s *streams) wants(t *schema.Table, c *schema.Column) bool {
	return c.PrimaryKey || s.selection.WantsColumn(t.Schema, t.Name, c.Name)
}

// selectAll selects everything except columns whose name is reserved.
func (s *streams) selectAll() {
	s.selection = host.Selection{Schemas: map[string]host.SchemaSelection{}}
	for _, stream := range s.all {
		s.selectTable(stream.table.Schema, stream.table.Name, host.TableSelection{Columns: map[string]bool{}})
	}
}

// selectTable sets the selection of a table. Its reserved columns are never selected.
func (s *streams) selectTable(schemaName, table string, sel host.TableSelection) {
	sel.Columns[deletedAt] = false
	sel.Reserved = []string{deletedAt} // in any case, also if the table does not declare it
	if stream := s.byTable[tableKey{schemaName, table}]; stream != nil {
		for _, c := range stream.table.Columns {
			if isMark(c.Name) {
				sel.Columns[c.Name] = false
			}
		}
	}
	inSchema, ok := s.selection.Schemas[schemaName]
	if !ok {
		inSchema = host.SchemaSelection{OnlyNamed: s.selection.OnlyNamed, Tables: map[string]host.TableSelection{}}
	}
	inSchema.Tables[table] = sel
	s.selection.Schemas[schemaName] = inSchema
}

// catalog returns the catalog, a JSON object.
func (s *streams) catalog() []byte {
	b := []byte(`{"streams":[`)
	for i, stream := range s.all {
		b = stream.appendCatalog(rawjson.AppendComma(b, i))
	}
	return append(b, "]}"...)
}

// isMark reports whether a column of the source would be taken for the mark of a
// deleted row. Many targets ignore case.
func isMark(column string) bool { return strings.EqualFold(column, deletedAt) }

// checkMark returns an error if the key of a table has a column that cannot be
// delivered.
func checkMark(t *schema.Table) error {
	for _, name := range t.PrimaryKey() {
		if isMark(name) {
			return connector.Errorf(connector.Defect, "%w", errReserved(t.String(), name))
		}
	}
	return nil
}

// warnAboutMarks warns the user about columns that are not delivered because their
// name is reserved.
func (s *streams) warnAboutMarks(log *slog.Logger) {
	for _, stream := range s.all {
		for _, c := range stream.table.Columns {
			if isMark(c.Name) {
				log.Warn(fmt.Sprintf("column %s of table %s is not delivered, because Singer reserves the name for the time at which a row was deleted", c.Name, stream.table))
			}
		}
	}
}

// errReserved reports a column that a table must not have.
func errReserved(table, column string) error {
	return fmt.Errorf("table %s: Singer reserves the name of the column %s for the time at which a row was deleted: rename the column", table, column)
}
