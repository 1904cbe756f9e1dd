package schema

import (
	"errors"
	"fmt"
	"slices"
)

// A Schema is the set of tables of a source. It is immutable and safe for
// concurrent use. [New] returns a Schema, and [Join] combines several into one.
//
// Other packages should not implement this interface. Methods may be added to
// it.
type Schema interface {
	// Tables returns the tables in the order of their declaration. The caller
	// may modify the slice, but not the tables.
	Tables() []*Table

	// Table returns the table with the given name, which is either its own name
	// ("orders") or its qualified name ("shop.orders"). It returns false if no
	// table has this name, or if several do (see [Names]).
	Table(name string) (*Table, bool)
}

// A tableSet implements Schema.
type tableSet struct {
	names Names[*Table]
}

// New returns a schema with the given name and tables. It returns an error if
// the name is not valid, a table is not valid (see [Table.Validate]), two tables
// have names that are equal when case is ignored, or a table follows one that is
// not in the schema or that follows another table itself. The error joins all
// problems and wraps [ErrInvalid]. A connector's Schema method can return the results of
// New directly.
func New(name string, tables ...Table) (Schema, error) {
	var problems []error
	if why := nameProblem(name); why != "" {
		problems = append(problems, fmt.Errorf("schema: the name %q of the schema %s", name, why))
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
	for t := range set.names.All() {
		if err := set.checkFollows(t); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, invalid(err)
	}
	return set, nil
}

// checkFollows returns an error if t follows a table that it cannot follow.
func (s *tableSet) checkFollows(t *Table) error {
	if t.Follows == "" || t.Follows == t.Name { // Validate reports the latter
		return nil
	}
	leader, known := s.names.Get(t.Schema, t.Follows)
	switch {
	case !known:
		return fmt.Errorf("schema: table %q follows table %q, which is not in the schema", t.Name, t.Follows)
	case leader.Follows != "":
		return fmt.Errorf("schema: table %q follows table %q, which follows %q itself: let %[1]q follow %[3]q",
			t.Name, t.Follows, leader.Follows)
	}
	return nil
}

// Join returns a schema with the tables of all given schemas. It is for sources
// that have several schemas, such as databases. A table whose own name occurs
// in more than one of them can only be looked up by its qualified name, such as
// "sales.orders".
//
// Join returns an error if two tables have the same qualified name, or if their
// schema names and table names are equal when case is ignored; the error wraps
// [ErrInvalid]. A nil Schema, which New returns with an error, is also an error.
func Join(schemas ...Schema) (Schema, error) {
	set := new(tableSet)
	qualified := map[string]*Table{}
	for i, s := range schemas {
		if s == nil {
			return nil, fmt.Errorf("schema: schema %d of Join is nil: return the error of New first", i+1)
		}
		for _, t := range s.Tables() {
			if err := set.add(t); err != nil {
				return nil, invalid(err)
			}
			name := t.String()
			if other := qualified[name]; other != nil {
				return nil, invalid(fmt.Errorf("schema: table %q of schema %q and table %q of schema %q have the same qualified name: rename one of them",
					other.Name, other.Schema, t.Name, t.Schema))
			}
			qualified[name] = t
		}
	}
	return set, nil
}

// add adds a table. It returns an error if the table is already in the set.
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
