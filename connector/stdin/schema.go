package stdin

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// ParseSchema decodes the answer to the action schema, as [Reader.Answer] returns
// it. Tables and columns are in the order of the answer. The error names the
// table or column that is not valid, such as a column of an unknown type.
func ParseSchema(text []byte) ([]*schema.Table, error) {
	var object struct {
		Schemas json.RawMessage `json:"schemas"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	schemas, err := rawjson.Members(object.Schemas)
	if err != nil {
		return nil, fmt.Errorf("the schema's schemas: %w", err)
	}
	var tables []*schema.Table
	known := map[string]bool{} // names with case folded
	for _, s := range schemas {
		inSchema, err := parseTables(s)
		if err != nil {
			return nil, err
		}
		for _, table := range inSchema {
			folded := strings.ToLower(table.String())
			if known[folded] {
				return nil, fmt.Errorf("table %s is declared twice", table)
			}
			known[folded] = true
		}
		tables = append(tables, inSchema...)
	}
	return tables, nil
}

// parseTables decodes the tables of a schema.
func parseTables(s rawjson.Member) ([]*schema.Table, error) {
	var object struct {
		Tables json.RawMessage `json:"tables"`
	}
	err := json.Unmarshal(s.Value, &object)
	var declared []rawjson.Member
	if err == nil {
		declared, err = rawjson.Members(object.Tables)
	}
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", s.Name, err)
	}
	var tables []*schema.Table
	for _, t := range declared {
		table, err := parseColumns(s.Name, t)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// parseColumns decodes a table.
func parseColumns(schemaName string, t rawjson.Member) (*schema.Table, error) {
	table := &schema.Table{Schema: schemaName, Name: t.Name}
	var object struct {
		Columns json.RawMessage `json:"columns"`
		Follows string          `json:"follows"`
	}
	err := json.Unmarshal(t.Value, &object)
	var columns []rawjson.Member
	if err == nil {
		columns, err = rawjson.Members(object.Columns)
	}
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", table, err)
	}
	table.Follows = object.Follows
	for _, c := range columns {
		var column struct {
			Type       schema.Type `json:"type"`
			PrimaryKey bool        `json:"primary_key"`
			Precision  int         `json:"precision"`
			Scale      int         `json:"scale"`
		}
		if err := json.Unmarshal(c.Value, &column); err != nil {
			return nil, fmt.Errorf("table %s, column %s: %w", table, c.Name, err)
		}
		table.Columns = append(table.Columns, schema.Column{
			Name: c.Name, Type: column.Type, PrimaryKey: column.PrimaryKey,
			Precision: column.Precision, Scale: column.Scale,
		})
	}
	return table, nil
}
