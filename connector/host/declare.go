package host

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// declareAll declares the tables of the schema and warns about mistakes in the
// selection.
func (s *session) declareAll(tables schema.Schema) error {
	for _, t := range tables.Tables() {
		if _, err := s.declare(t); err != nil {
			return err
		}
	}
	for _, follows := range []bool{false, true} { // a table is declared before its followers
		for t, declared := range s.names.All() {
			if (t.Follows != "") == follows {
				if err := s.declareState(declared); err != nil {
					return err
				}
			}
		}
	}
	s.doc.Begin()
	for t, declared := range s.names.All() {
		for _, key := range t.PrimaryKey() {
			if declared.selected && !s.request.Selection.WantsColumn(t.Schema, t.Name, key) {
				if err := s.warn(emitter{session: s}, fmt.Sprintf("column %s of table %s is part of the primary key: it is delivered although it is deselected", key, t)); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range s.request.Selection.unknown(tables) {
		s.run.log.Warn("the selection names an unknown table", "name", pasted.Label(name))
	}
	return nil
}

// declare adds a table or replaces its declaration.
func (s *session) declare(declared *schema.Table) (*table, error) {
	if err := s.checkDeselected(declared); err != nil {
		return nil, err
	}
	old, redeclared := s.names.Get(declared.Schema, declared.Name)
	var before undeclaredColumns
	if redeclared {
		before = old.undeclared
	}
	undeclared, err := s.newUndeclaredColumns(declared, before, redeclared)
	if err != nil {
		return nil, err
	}
	isReserved := s.reservedOf(declared)
	columns, selected := s.request.Selection.table(declared.Schema, declared.Name)
	drop := func(column string) bool {
		if isReserved(column) {
			return true
		}
		if selected && columns.wants(column) {
			return false
		}
		undeclared.note(column)
		return true
	}
	t := &table{
		Table:      declared,
		selected:   selected,
		encoder:    schema.NewEncoder(declared, drop),
		undeclared: undeclared,
	}
	if redeclared {
		t.progress = old.progress
	} else {
		t.progress = &progress{id: declared.Schema + idSeparator + declared.Name, zeroKeys: newZeroKeys(declared)}
	}
	if err := s.names.Add(declared, t); err != nil {
		return nil, err
	}
	if redeclared {
		old.replaced = true
	}
	t.encoders = append(t.encoders, t.encoder)
	return t, nil
}

// reservedOf returns a function that reports whether the name of a column is reserved.
// The function warns about each such column once, because every row may have it.
func (s *session) reservedOf(t *schema.Table) func(column string) bool {
	reserved := s.request.Selection.reserved(t)
	var mu sync.Mutex
	noted := map[string]bool{}
	return func(column string) bool {
		if !slices.ContainsFunc(reserved, func(name string) bool { return strings.EqualFold(name, column) }) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if !noted[column] {
			noted[strings.Clone(column)] = true
			s.noted.add("reserved column "+t.Schema+idSeparator+t.Name+idSeparator+column, fmt.Sprintf(
				"table %s: the column %s is not delivered, because the host adds its own column with this name: rename the column in the connector", t, column), 1)
		}
		return true
	}
}

// declareState declares a table to the state.
func (s *session) declareState(t *table) error {
	names := s.namesOf(t)
	if len(names) == 0 {
		return nil // the connector cannot refer to the table
	}
	declared := state.Declaration{Name: names[0], Aliases: names[1:], Selected: t.selected}
	for _, c := range t.Columns {
		if c.PrimaryKey || s.request.Selection.WantsColumn(t.Schema, t.Name, c.Name) {
			declared.Columns = append(declared.Columns, c.Name)
		} else {
			declared.Without = append(declared.Without, c.Name)
		}
	}
	if t.Follows != "" {
		if err := s.checkFollows(t.Table); err != nil {
			return err
		}
		carrier, _ := s.names.Get(t.Schema, t.Follows)
		if followed := s.namesOf(carrier); len(followed) > 0 {
			declared.Follows = followed[0]
		}
		s.relations.add(carrier.progress, t.Table)
	}
	s.doc.Declare(declared)
	return nil
}

// checkFollows returns an error if a table follows one that it cannot follow.
func (s *session) checkFollows(t *schema.Table) error {
	if t.Follows == "" {
		return nil
	}
	carrier, known := s.names.Get(t.Schema, t.Follows)
	switch {
	case !known:
		return fmt.Errorf("declare table %s: it follows table %s, which has not been declared", t, t.Follows)
	case carrier.Follows != "":
		return fmt.Errorf("declare table %s: it follows table %s, which follows %s itself; let it follow %[3]s", t, t.Follows, carrier.Follows)
	}
	return nil
}

// namesOf returns the names by which the connector can refer to a table.
func (s *session) namesOf(t *table) []string {
	names := []string{t.Name, t.String()}
	if names[0] == names[1] {
		names = names[:1]
	}
	return slices.DeleteFunc(names, func(name string) bool {
		meant, err := s.names.Lookup(name)
		return err != nil || meant.progress != t.progress
	})
}

// identify returns the ID of the table that has the given name or ID.
func (s *session) identify(name string) (string, error) {
	t, err := s.lookup(name)
	if err != nil {
		return "", err
	}
	return t.id, nil
}

// lookup returns the table that has the given name or ID. A name can become ambiguous
// when a table is declared, and an ID cannot. A name contains no control character, so
// it is not an ID.
func (s *session) lookup(name string) (*table, error) {
	if schemaName, own, isID := strings.Cut(name, idSeparator); isID {
		if t, ok := s.names.Get(schemaName, own); ok {
			return t, nil
		}
	}
	return s.names.Lookup(name)
}

// change declares a table that was discovered during the sync. If the user has chosen
// from a list of tables, which did not contain it, change warns about it.
func (s *session) change(from emitter, declared *schema.Table) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.accepts(from); err != nil {
		return err
	}
	if err := s.run.checkTable("a table that was declared during the sync", declared); err != nil {
		return err
	}
	if err := s.checkFollows(declared); err != nil {
		return err
	}
	if err := s.checkDeclared(from, declared); err != nil {
		return err
	}
	if s.last != nil { // its parts keep the owners that they had when it was sent
		s.last.recordOwners(&s.names)
	}
	_, known := s.names.Get(declared.Schema, declared.Name)
	t, err := s.declare(declared)
	if err != nil {
		if connector.KindOf(err) == connector.Configuration {
			s.cancel(err) // the user can fix it, and the rows must not be delivered otherwise
		}
		return err
	}
	if err := s.declareState(t); err != nil {
		return err
	}
	t.named.Store(true)
	if !t.selected {
		if known || !s.request.Selection.Listed {
			return nil
		}
		return s.forceWarning(fmt.Sprintf("table %s was found during the sync, and the selection does not include it, so its rows are not delivered: "+
			"let the platform read the tables of the source again, and select it", t), nil)
	}
	s.op = Operation{Kind: OpSchemaChange, Table: declared}
	return s.write(from)
}
