package stdin

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// AppendSchema appends the answer to the action schema, without a line end, for programs that
// speak the protocol and are not connectors of this module. [ParseSchema] decodes it. Schemas,
// tables and columns are in the order in which they come first. The tables are not checked.
func AppendSchema(b []byte, tables []*schema.Table) []byte {
	var names []string // of schemas
	inSchema := map[string][]*schema.Table{}
	for _, t := range tables {
		if inSchema[t.Schema] == nil {
			names = append(names, t.Schema)
		}
		inSchema[t.Schema] = append(inSchema[t.Schema], t)
	}
	b = append(b, `{"schemas":{`...)
	for i, name := range names {
		b = append(rawjson.AppendString(rawjson.AppendComma(b, i), name), `:{"tables":{`...)
		for i, t := range inSchema[name] {
			b = appendTable(rawjson.AppendComma(b, i), t)
		}
		b = append(b, "}}"...)
	}
	return append(b, "}}"...)
}

// appendTable appends the name of a table, its columns and the table it follows.
func appendTable(b []byte, t *schema.Table) []byte {
	b = append(rawjson.AppendString(b, t.Name), `:{"columns":{`...)
	for i, c := range t.Columns {
		b = append(rawjson.AppendString(rawjson.AppendComma(b, i), c.Name), `:{"type":"`+c.Type.String()+`"`...)
		if c.PrimaryKey {
			b = append(b, `,"primary_key":true`...)
		}
		if c.Precision > 0 {
			b = strconv.AppendInt(append(b, `,"precision":`...), int64(c.Precision), 10)
			b = strconv.AppendInt(append(b, `,"scale":`...), int64(c.Scale), 10)
		}
		b = append(b, '}')
	}
	b = append(b, '}')
	if t.Follows != "" {
		b = rawjson.AppendString(append(b, `,"follows":`...), t.Follows)
	}
	return append(b, '}')
}

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
	known := map[string]*schema.Table{} // by names with case folded
	for _, s := range schemas {
		inSchema, err := parseTables(s)
		if err != nil {
			return nil, err
		}
		for _, table := range inSchema {
			folded := strings.ToLower(table.String())
			switch other := known[folded]; {
			case other == nil:
				known[folded] = table
			case other.String() == table.String():
				return nil, fmt.Errorf("table %s is declared twice", table)
			default:
				return nil, fmt.Errorf("the names of tables %s and %s differ only in upper and lower case, which platforms do not distinguish: rename one of them", other, table)
			}
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
