package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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

	// Table returns the table of the given name: its own ("orders") where that
	// is unique, or with its schema's name before it ("shop.orders").
	Table(name string) (*Table, bool)
}

type tableSet struct {
	tables []*Table
	byOwn  map[string]*Table // by Table.Name, nil where several tables have it
	byFull map[string]*Table // by Table.String
}

func newTableSet() *tableSet {
	return &tableSet{byOwn: map[string]*Table{}, byFull: map[string]*Table{}}
}

// New returns the schema of the given name with the given tables. Its error
// joins everything that is wrong with them (see [Table.Validate]), so that a
// connector's Schema method can be this one call.
func New(name string, tables ...Table) (Schema, error) {
	var problems []error
	if why := nameProblem(name); why != "" {
		problems = append(problems, fmt.Errorf("schema: the schema's name %q %s", name, why))
	}
	set := newTableSet()
	folded := make(map[string]string, len(tables))
	for _, t := range tables {
		t.Schema = name
		t.Columns = slices.Clone(t.Columns)
		if err := t.Validate(); err != nil {
			problems = append(problems, err)
		}
		if other, ok := folded[strings.ToLower(t.Name)]; ok {
			problems = append(problems, fmt.Errorf("schema: tables %q and %q are one to a destination that folds case", other, t.Name))
		}
		folded[strings.ToLower(t.Name)] = t.Name
		set.add(&t)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return set, nil
}

// Join returns a schema with the tables of all the given ones, for a source
// such as a database that has several. A table whose name stands in more than
// one of them is known by its qualified name only ("sales.orders").
func Join(schemas ...Schema) (Schema, error) {
	set := newTableSet()
	for _, s := range schemas {
		for _, t := range s.Tables() {
			if _, ok := set.byFull[t.String()]; ok {
				return nil, fmt.Errorf("schema: table %q is declared twice", t)
			}
			set.add(t)
		}
	}
	return set, nil
}

func (s *tableSet) add(t *Table) {
	s.tables = append(s.tables, t)
	s.byFull[t.String()] = t
	if _, taken := s.byOwn[t.Name]; taken {
		s.byOwn[t.Name] = nil
	} else {
		s.byOwn[t.Name] = t
	}
}

func (s *tableSet) Tables() []*Table { return slices.Clone(s.tables) }

func (s *tableSet) Table(name string) (*Table, bool) {
	t := s.byFull[name]
	if t == nil {
		t = s.byOwn[name]
	}
	return t, t != nil
}
