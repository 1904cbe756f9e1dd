package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/schema"
)

// A selection says which tables and columns a sync delivers. The zero value
// selects everything.
type selection struct {
	path    string
	text    json.RawMessage            // as requests have it; nil selects everything
	tables  map[string]bool            // those that the file names, and whether they are selected
	columns map[string]map[string]bool // the same for the columns of tables
}

// readSelection reads a file with a JSON object as in selection.tables of the
// protocol. The path "" stands for no selection.
func readSelection(path string) (*selection, error) {
	if path == "" {
		return &selection{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the selection: %w", err)
	}
	s := &selection{path: path, text: text, tables: map[string]bool{}, columns: map[string]map[string]bool{}}
	var schemas map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &schemas); err != nil || schemas == nil {
		return nil, fmt.Errorf(`%s: want a JSON object of schemas with an object of tables each, such as {"shop":{"carts":false}}`, path)
	}
	for schemaName, tables := range schemas {
		for name, value := range tables {
			table := schemaName + "." + name
			if s.tables[table], s.columns[table], err = readTableSelection(value); err != nil {
				return nil, fmt.Errorf("%s: table %s: %w", path, table, err)
			}
		}
	}
	return s, nil
}

func readTableSelection(text json.RawMessage) (selected bool, columns map[string]bool, err error) {
	if json.Unmarshal(text, &selected) == nil && string(text) != "null" {
		return selected, nil, nil
	}
	var object struct {
		Columns map[string]*bool `json:"columns"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // one might have been meant to deselect
	columns = map[string]bool{}
	err = dec.Decode(&object)
	for name, selected := range object.Columns {
		if selected == nil {
			err = errors.New("null")
			continue
		}
		columns[name] = *selected
	}
	if err != nil || string(text) == "null" {
		return false, nil, errors.New(`want true, false or {"columns":{"name":false}}`)
	}
	return true, columns, nil
}

func (s *selection) dropsTable(table string) bool {
	selected, named := s.tables[table]
	return named && !selected
}

func (s *selection) dropsColumn(table, column string) bool {
	selected, named := s.columns[table][column]
	return named && !selected
}

// of returns those of the tables of a schema that are selected, with the columns
// that are. The warnings name what the selection can't mean: tables that the
// schema lacks, and columns of a primary key, which are delivered all the same.
func (s *selection) of(tables []*schema.Table) (selected []*schema.Table, warnings []string) {
	known := map[string]bool{}
	for _, t := range tables {
		known[t.String()] = true
		if s.dropsTable(t.String()) {
			continue
		}
		part := *t
		part.Columns = nil
		for _, c := range t.Columns {
			if c.PrimaryKey && s.dropsColumn(t.String(), c.Name) {
				warnings = append(warnings, fmt.Sprintf("%s deselects column %s of table %s, which is a part of its primary key and is delivered all the same", s.path, c.Name, t))
				delete(s.columns[t.String()], c.Name)
			}
			if !s.dropsColumn(t.String(), c.Name) {
				part.Columns = append(part.Columns, c)
			}
		}
		selected = append(selected, &part)
	}
	for _, name := range slices.Sorted(maps.Keys(s.tables)) {
		if !known[name] {
			warnings = append(warnings, fmt.Sprintf("%s names table %s, which the connector's schema does not have", s.path, name))
		}
	}
	return selected, warnings
}

// check returns an error if a row was delivered although its table or one of its
// columns is not selected.
func (s *selection) check(schemaName, table string, row []byte) error {
	name := schemaName + "." + table
	if s.dropsTable(name) {
		return fmt.Errorf("the connector delivered a row of table %s, which %s deselects", name, s.path)
	}
	if len(s.columns[name]) == 0 {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(row), jsontext.AllowDuplicateNames(true))
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() == '"' {
		var token jsontext.Token
		if token, err = dec.ReadToken(); err != nil {
			break
		}
		if column := token.String(); s.dropsColumn(name, column) {
			return fmt.Errorf("the connector delivered column %s of table %s, which %s deselects", column, name, s.path)
		}
		err = dec.SkipValue()
	}
	return err
}
