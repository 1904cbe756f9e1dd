package schema

import (
	"errors"
	"fmt"
	"slices"
)

// A Schema is the set of tables that a source has. It is read only and safe
// for concurrent use. Make one with [New], and one of several with [Join].
//
// The interface is for passing a schema on, not for implementing it elsewhere:
// it may gain methods.
type Schema interface {
	// Tables returns the tables in the order of their declaration. The slice
	// is the caller's.
	Tables() []*Table

	// Table returns the table of the given name: its own ("orders") or the one
	// with its schema's name before it ("shop.orders"). It returns false if no
	// table has the name, and if several have it (see [Names]).
	Table(name string) (*Table, bool)
}

// A tableSet is the one implementation of Schema.
type tableSet struct {
	names Names[*Table]
}

// New returns the schema of the given name with the given tables. Its error
// joins everything that is wrong with them (see [Table.Validate]), so that a
// connector's Schema method can be this one call.
func New(name string, tables ...Table) (Schema, error) {
	var problems []error
	if why := nameProblem(name); why != "" {
		problems = append(problems, fmt.Errorf("schema: the schema's name %q %s", name, why))
	}
	set := new(tableSet)
	for _, t := range tables {
		t.Schema = name
		t.Columns = slices.Clone(t.Columns)
		if err := t.Validate(); err != nil {
			problems = append(problems, err)
		}
		if err := set.add(&t); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return set, nil
}

// Join returns a schema with the tables of all the given ones, for a source
// such as a database that has several. A table whose name stands in more than
// one of them is known by its qualified name only ("sales.orders").
//
// It returns an error if two tables have the same qualified name, or if their
// schemas and names are the same once case is folded.
func Join(schemas ...Schema) (Schema, error) {
	set := new(tableSet)
	qualified := map[string]*Table{}
	for _, s := range schemas {
		for _, t := range s.Tables() {
			if err := set.add(t); err != nil {
				return nil, err
			}
			name := t.String()
			if other := qualified[name]; other != nil {
				return nil, fmt.Errorf("schema: table %q of schema %q and table %q of schema %q have the same qualified name: rename one of them",
					other.Name, other.Schema, t.Name, t.Schema)
			}
			qualified[name] = t
		}
	}
	return set, nil
}

// add adds a table that may be declared only once.
func (s *tableSet) add(t *Table) error {
	if _, known := s.names.Get(t.Schema, t.Name); known {
		return fmt.Errorf("schema: table %q is declared twice", t)
	}
	return s.names.Add(t, t)
}

func (s *tableSet) Tables() []*Table {
	tables := make([]*Table, 0, s.names.Len())
	for t := range s.names.All() {
		tables = append(tables, t)
	}
	return tables
}

func (s *tableSet) Table(name string) (*Table, bool) {
	t, err := s.names.Lookup(name)
	return t, err == nil
}
