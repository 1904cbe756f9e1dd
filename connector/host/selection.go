package connector

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// A Selection says what of a source the user wants. What it doesn't name is
// wanted, so the zero value wants everything.
type Selection struct {
	schemas map[string]map[string]tableSelection
}

type tableSelection struct {
	wanted  bool
	columns map[string]bool
}

// ParseSelection reads a selection in the form of the protocol's
// selection.tables:
//
//	{"shop": {"orders": {"columns": {"email": false}}, "carts": false}}
//
// No data and null select everything.
func ParseSelection(data []byte) (Selection, error) {
	var sel Selection
	var schemas map[string]map[string]json.RawMessage
	if len(data) == 0 {
		return sel, nil
	}
	if err := json.Unmarshal(data, &schemas); err != nil {
		return sel, errors.New(`selection.tables: want an object of schemas with an object of tables each, such as {"shop":{"carts":false}}`)
	}
	sel.schemas = make(map[string]map[string]tableSelection, len(schemas))
	for schemaName, tables := range schemas {
		sel.schemas[schemaName] = make(map[string]tableSelection, len(tables))
		for table, raw := range tables {
			selected, err := parseTableSelection(raw)
			if err != nil {
				return Selection{}, fmt.Errorf("selection.tables: %s.%s: %w", schemaName, table, err)
			}
			sel.schemas[schemaName][table] = selected
		}
	}
	return sel, nil
}

func parseTableSelection(raw json.RawMessage) (tableSelection, error) {
	selected := tableSelection{wanted: true}
	if err := json.Unmarshal(raw, &selected.wanted); err == nil {
		return selected, nil
	}
	var object struct {
		Columns map[string]bool `json:"columns"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return selected, errors.New(`want true, false or {"columns":{"name":false}}`)
	}
	selected.columns = object.Columns
	return selected, nil
}

func (s Selection) wantsTable(t *schema.Table) bool {
	selected, ok := s.schemas[t.Schema][t.Name]
	return !ok || selected.wanted
}

func (s Selection) dropsColumn(t *schema.Table, column string) bool {
	wanted, ok := s.schemas[t.Schema][t.Name].columns[column]
	return ok && !wanted
}

// unknown returns the names in the selection that the schema does not have,
// sorted. A column may be one that no table declares.
func (s Selection) unknown(known schema.Schema) []string {
	var names []string
	for _, schemaName := range slices.Sorted(maps.Keys(s.schemas)) {
		for _, table := range slices.Sorted(maps.Keys(s.schemas[schemaName])) {
			if _, ok := known.Table(schemaName + "." + table); !ok {
				names = append(names, schemaName+"."+table)
			}
		}
	}
	return names
}
