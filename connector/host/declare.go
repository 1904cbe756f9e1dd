package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// declareAll declares the tables of the schema and warns about mistakes in the
// selection.
func (s *session) declareAll(tables schema.Schema) error {
	for _, t := range tables.Tables() {
		if err := s.declare(t); err != nil {
			return err
		}
	}
	for t, declared := range s.names.All() {
		s.hold(declared)
		for _, key := range t.PrimaryKey() {
			if declared.selected && !s.request.Selection.WantsColumn(t.Schema, t.Name, key) {
				if err := s.warn(emitter{session: s}, fmt.Sprintf("column %s of table %s is part of the primary key: it is delivered although it is deselected", key, t)); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range s.request.Selection.unknown(tables) {
		s.run.log.Warn("the selection names an unknown table", "name", name)
	}
	return nil
}

// declare adds a table or replaces its declaration.
func (s *session) declare(declared *schema.Table) error {
	drop := func(column string) bool {
		return !s.request.Selection.WantsColumn(declared.Schema, declared.Name, column)
	}
	t := &table{
		Table:    declared,
		selected: s.request.Selection.WantsTable(declared.Schema, declared.Name),
		encoder:  schema.NewEncoder(declared, drop),
	}
	old, redeclared := s.names.Get(declared.Schema, declared.Name)
	if redeclared {
		t.progress = old.progress
	} else {
		t.progress = &progress{}
	}
	if err := s.names.Add(declared, t); err != nil {
		return err
	}
	if redeclared {
		old.replaced = true
	}
	t.encoders = append(t.encoders, t.encoder)
	return nil
}

// hold keeps the state of a table unchanged if the user has not selected it. If
// the user selects the table again, the next sync continues from the old state.
func (s *session) hold(t *table) {
	if t.selected {
		return
	}
	for _, name := range []string{t.Name, t.String()} {
		if meant, err := s.names.Lookup(name); err == nil && meant == t {
			s.doc.Hold(name)
		}
	}
}

// change declares a table that was discovered during the sync.
func (s *session) change(from emitter, declared *schema.Table) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.accepts(from); err != nil {
		return err
	}
	if s.last != nil { // its parts keep the owners that they had when it was sent
		s.last.group(&s.names)
	}
	if err := s.declare(declared); err != nil {
		return err
	}
	if t, ok := s.names.Get(declared.Schema, declared.Name); ok && !t.selected {
		s.hold(t)
		return nil
	}
	s.op = Operation{Kind: OpSchemaChange, Table: declared}
	return s.write(from)
}
