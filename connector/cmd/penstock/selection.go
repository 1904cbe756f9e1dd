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

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/schema"
)

// A selection specifies the tables and columns that a sync delivers. The zero selection
// selects everything.
type selection struct {
	path    string
	text    json.RawMessage            // as sent in requests; nil selects everything
	tables  map[string]bool            // whether each table that the file names is selected
	columns map[string]map[string]bool // the same for columns, by table
}

// readSelection reads a file that holds a JSON object in the format of the protocol's
// selection.tables. The path "" returns the zero selection.
func readSelection(path string) (*selection, error) {
	if path == "" {
		return &selection{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the selection: %w", pasted.PathError(err))
	}
	s := &selection{path: path, text: text, tables: map[string]bool{}, columns: map[string]map[string]bool{}}
	var schemas map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &schemas); err != nil || schemas == nil {
		return nil, fmt.Errorf(`%s: want a JSON object of schemas, each an object of tables, such as {"shop":{"carts":false}}`, path)
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
	dec.DisallowUnknownFields() // a misspelled "columns" would select everything
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

// of returns the selected tables of a schema, with their selected columns. The warnings
// name the parts of the selection that have no effect: tables that the schema does not
// have, and columns of a primary key, which are always delivered.
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
				warnings = append(warnings, fmt.Sprintf("%s deselects column %s of table %s, which is part of the primary key and is always delivered", s.path, c.Name, t))
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

// check returns an error if a delivered row has a table or a column that is not
// selected.
func (s *selection) check(schemaName, table string, row []byte) error {
	if len(s.tables) == 0 { // it has no columns either
		return nil
	}
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
