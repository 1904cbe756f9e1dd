package stdin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/schema"
)

// ParseSchema decodes the answer to the action schema, as [Reader.Answer] returns
// it. Tables and columns are in the order of the answer. The error names the
// table or column that is not valid, such as a column of an unknown type.
func ParseSchema(text []byte) ([]*schema.Table, error) {
	var object struct {
		Schemas jsontext.Value `json:"schemas"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	schemas, err := readMembers(object.Schemas)
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
func parseTables(s member) ([]*schema.Table, error) {
	var object struct {
		Tables jsontext.Value `json:"tables"`
	}
	err := json.Unmarshal(s.value, &object)
	var declared []member
	if err == nil {
		declared, err = readMembers(object.Tables)
	}
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", s.name, err)
	}
	var tables []*schema.Table
	for _, t := range declared {
		table, err := parseColumns(s.name, t)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// parseColumns decodes a table.
func parseColumns(schemaName string, t member) (*schema.Table, error) {
	table := &schema.Table{Schema: schemaName, Name: t.name}
	var object struct {
		Columns jsontext.Value `json:"columns"`
		Follows string         `json:"follows"`
	}
	err := json.Unmarshal(t.value, &object)
	var columns []member
	if err == nil {
		columns, err = readMembers(object.Columns)
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
		if err := json.Unmarshal(c.value, &column); err != nil {
			return nil, fmt.Errorf("table %s, column %s: %w", table, c.name, err)
		}
		table.Columns = append(table.Columns, schema.Column{
			Name: c.name, Type: column.Type, PrimaryKey: column.PrimaryKey,
			Precision: column.Precision, Scale: column.Scale,
		})
	}
	return table, nil
}

// A member is a member of a JSON object.
type member struct {
	name  string
	value jsontext.Value
}

// readMembers returns the members of a JSON object in its order.
func readMembers(object jsontext.Value) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if dec.PeekKind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var members []member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()} // reading the value invalidates the token
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		members = append(members, m)
	}
	_, err := dec.ReadToken()
	return members, err
}
