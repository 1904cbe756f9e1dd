package stdin

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// ParseSelection decodes a selection in the form of the protocol's
// selection.tables:
//
//	{"shop": {"orders": {"columns": {"email": false}}, "carts": false}}
//
// Tables and columns that it does not name are selected. Empty data and null
// select everything. It is an error if the data has any other form, such as a
// duplicate name or an unknown member of a table's object, because that might
// have been meant to deselect something. The error names the table.
func ParseSelection(data []byte) (host.Selection, error) {
	var sel host.Selection
	if len(data) == 0 || jsontext.Value(data).Kind() == 'n' {
		return sel, nil
	}
	var schemas map[string]map[string]json.RawMessage
	if !jsontext.Value(data).IsValid() || json.Unmarshal(data, &schemas) != nil {
		return sel, errors.New(`selection.tables: want an object of schemas, each an object of tables, such as {"shop":{"carts":false}}`)
	}
	sel.Schemas = make(map[string]host.SchemaSelection, len(schemas))
	for schemaName, tables := range schemas {
		if tables == nil {
			return host.Selection{}, fmt.Errorf("selection.tables: %s: want an object of tables", pasted.Label(schemaName))
		}
		inSchema := host.SchemaSelection{Tables: make(map[string]host.TableSelection, len(tables))}
		for table, raw := range tables {
			selected, err := parseTable(jsontext.Value(raw))
			if err != nil {
				return host.Selection{}, fmt.Errorf("selection.tables: %s.%s: %w", pasted.Label(schemaName), pasted.Label(table), err)
			}
			inSchema.Tables[table] = selected
		}
		sel.Schemas[schemaName] = inSchema
	}
	return sel, nil
}

var errTableSelection = errors.New(`want true, false or {"columns":{"name":false}}`)

// parseTable decodes the selection of one table.
func parseTable(raw jsontext.Value) (host.TableSelection, error) {
	switch raw.Kind() {
	case 't':
		return host.TableSelection{}, nil
	case 'f':
		return host.TableSelection{Excluded: true}, nil
	case '{':
	default:
		return host.TableSelection{}, errTableSelection
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return host.TableSelection{}, errTableSelection
	}
	var selected host.TableSelection
	for name, value := range members {
		if name != "columns" {
			return host.TableSelection{}, fmt.Errorf("unknown member %s; %w", pasted.Argument(name), errTableSelection)
		}
		var columns map[string]*bool
		if err := json.Unmarshal(value, &columns); err != nil || columns == nil {
			return host.TableSelection{}, errTableSelection
		}
		selected.Columns = make(map[string]bool, len(columns))
		for column, wanted := range columns {
			if wanted == nil {
				return host.TableSelection{}, fmt.Errorf("column %q is null; %w", pasted.Label(column), errTableSelection)
			}
			selected.Columns[column] = *wanted
		}
	}
	return selected, nil
}
