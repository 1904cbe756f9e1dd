package bridge

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// DefaultSchema is the default name of the schema of a source that does not name its schema,
// as in Fivetran's own tester.
const DefaultSchema = "default_schema"

// tables holds the tables of a source, in the order of its answer.
type tables struct {
	unnamed      string // the name of the schema that the source does not name
	notSupported bool   // the source does not know its tables
	withSchema   bool   // the source names the schemas
	hasUnnamed   bool   // a schema has no name
	schemas      []string
	inSchema     map[string][]*table
	byName       map[tableName]*table
	folded       map[string]*table // by the names of the schema and the table in lower case
}

// A tableName is the name of a table as records have it. The schema is "" if the source does
// not name it.
type tableName struct{ schema, table string }

func (n tableName) compare(other tableName) int {
	return cmp.Or(cmp.Compare(n.schema, other.schema), cmp.Compare(n.table, other.table))
}

// newTables returns the tables of an answer to Schema.
func newTables(unnamed string, answer *protocol.SchemaResponse) (*tables, error) {
	t := &tables{
		unnamed: cmp.Or(unnamed, DefaultSchema), inSchema: map[string][]*table{}, byName: map[tableName]*table{}, folded: map[string]*table{},
		notSupported: answer.NotSupported, withSchema: answer.Tables.WithSchema != nil,
	}
	if !t.notSupported && answer.Tables == (protocol.Tables{}) {
		return nil, invalidSchema(errors.New("the answer to Schema has no tables"), "set with_schema, without_schema or schema_response_not_supported")
	}
	if err := t.add(&answer.Tables); err != nil {
		return nil, err
	}
	if named := t.inSchema[t.unnamed]; t.hasUnnamed && slices.ContainsFunc(named, func(in *table) bool { return in != t.byName[tableName{"", in.Name}] }) {
		return nil, invalidSchema(fmt.Errorf("the source has a schema %s and one without a name", t.unnamed), "choose another name with --schema")
	}
	if _, err := stdin.ParseSchema(t.line()); err != nil { // such as two tables of the same name
		return nil, invalidSchema(err, "correct the answer to Schema")
	}
	return t, nil
}

// add adds tables.
func (t *tables) add(list *protocol.Tables) error {
	switch {
	case list.WithSchema != nil:
		for i := range list.WithSchema.Schemas {
			s := &list.WithSchema.Schemas[i]
			t.hasUnnamed = t.hasUnnamed || s.Name == ""
			if err := t.addSchema(s.Name, s.Tables); err != nil {
				return err
			}
		}
	case list.WithoutSchema != nil:
		return t.addSchema("", list.WithoutSchema.Tables)
	}
	return nil
}

func (t *tables) addSchema(schemaName string, declared []protocol.Table) error {
	for i := range declared {
		added, err := newTable(cmp.Or(schemaName, t.unnamed), &declared[i])
		if err != nil {
			return err
		}
		name := tableName{schemaName, added.Name}
		if t.byName[name] != nil {
			return invalidSchema(fmt.Errorf("table %s is declared twice", added), "correct the answer to Schema")
		}
		t.insert(name, added)
	}
	return nil
}

// insert inserts a table that is not there yet.
func (t *tables) insert(name tableName, added *table) {
	if t.inSchema[added.Schema] == nil {
		t.schemas = append(t.schemas, added.Schema)
	}
	t.inSchema[added.Schema] = append(t.inSchema[added.Schema], added)
	t.byName[name] = added
	if folded := strings.ToLower(added.String()); t.folded[folded] == nil {
		t.folded[folded] = added
	}
}

// named returns the table of a name, or nil.
func (t *tables) named(schemaName, name string) *table {
	key := tableName{schemaName, name}
	if t.byName[key] == nil && schemaName == t.unnamed {
		key.schema = ""
	}
	return t.byName[key]
}

// replace replaces the tables that the source declares anew in the middle of a sync, and adds
// those that it has not declared before.
func (t *tables) replace(answer *protocol.Tables, selection func(*table) tableSelection) ([]string, error) {
	changed, err := newTables(t.unnamed, &protocol.SchemaResponse{Tables: *answer})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range slices.SortedFunc(maps.Keys(changed.byName), tableName.compare) {
		fresh := changed.byName[name]
		names = append(names, fresh.String())
		fresh.selected = selection(fresh)
		if old := t.byName[name]; old != nil {
			*old = *fresh
			continue
		}
		if err := t.conflict(fresh); err != nil {
			return nil, err
		}
		t.insert(name, fresh)
	}
	slices.Sort(names)
	return names, nil
}

// conflict returns an error if a platform would take a new table for one that is declared.
func (t *tables) conflict(fresh *table) error {
	other := t.folded[strings.ToLower(fresh.String())]
	switch {
	case other == nil:
		return nil
	case other.String() == fresh.String():
		return invalidSchema(fmt.Errorf("table %s is declared with the name of its schema and without it", fresh), "name the schemas as in the answer to Schema, or choose another name with --schema")
	}
	return invalidSchema(fmt.Errorf("the names of tables %s and %s differ only in upper and lower case, which platforms do not distinguish", other, fresh), "rename one of them")
}

// line returns the tables as the answer to the action schema.
func (t *tables) line() []byte {
	var all []*schema.Table
	for _, name := range t.schemas {
		for _, declared := range t.inSchema[name] {
			all = append(all, declared.Table)
		}
	}
	return stdin.AppendSchema(nil, all)
}
