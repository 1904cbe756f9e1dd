package stdin

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector/host"
)

// ParseSelection reads a selection in the form of the protocol's
// selection.tables:
//
//	{"shop": {"orders": {"columns": {"email": false}}, "carts": false}}
//
// What it does not name is wanted. No data and null select everything. Any other
// form is an error that says where, for instance a name that comes twice or an
// unknown member in a table's object: it might have been meant to deselect
// something.
func ParseSelection(data []byte) (host.Selection, error) {
	var sel host.Selection
	if len(data) == 0 || jsontext.Value(data).Kind() == 'n' {
		return sel, nil
	}
	var schemas map[string]map[string]json.RawMessage
	if !jsontext.Value(data).IsValid() || json.Unmarshal(data, &schemas) != nil {
		return sel, errors.New(`selection.tables: want an object of schemas with an object of tables each, such as {"shop":{"carts":false}}`)
	}
	sel.Schemas = make(map[string]host.SchemaSelection, len(schemas))
	for schemaName, tables := range schemas {
		if tables == nil {
			return host.Selection{}, fmt.Errorf("selection.tables: %s: want an object of tables", schemaName)
		}
		inSchema := host.SchemaSelection{Tables: make(map[string]host.TableSelection, len(tables))}
		for table, raw := range tables {
			selected, err := parseTable(jsontext.Value(raw))
			if err != nil {
				return host.Selection{}, fmt.Errorf("selection.tables: %s.%s: %w", schemaName, table, err)
			}
			inSchema.Tables[table] = selected
		}
		sel.Schemas[schemaName] = inSchema
	}
	return sel, nil
}

var errTableSelection = errors.New(`want true, false or {"columns":{"name":false}}`)

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
			return host.TableSelection{}, fmt.Errorf("the member %q is unknown; %w", name, errTableSelection)
		}
		var columns map[string]*bool
		if err := json.Unmarshal(value, &columns); err != nil || columns == nil {
			return host.TableSelection{}, errTableSelection
		}
		selected.Columns = make(map[string]bool, len(columns))
		for column, wanted := range columns {
			if wanted == nil {
				return host.TableSelection{}, fmt.Errorf("column %q is null; %w", column, errTableSelection)
			}
			selected.Columns[column] = *wanted
		}
	}
	return selected, nil
}
