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

// ParseSchema reads the answer to the action schema, such as [Reader.Answer]
// returns it: the tables, in its order.
// Columns are in its order, too. The error says which table or column is none,
// such as one of an unknown type.
func ParseSchema(text []byte) ([]*schema.Table, error) {
	var tables []*schema.Table
	known := map[string]bool{} // names with case folded
	var schemas, inSchema, columns members
	var object struct {
		Schemas jsontext.Value `json:"schemas"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	if err := schemas.read(object.Schemas); err != nil {
		return nil, fmt.Errorf("the schema's schemas: %w", err)
	}
	for _, s := range schemas {
		var one struct {
			Tables jsontext.Value `json:"tables"`
		}
		err := json.Unmarshal(s.value, &one)
		if err == nil {
			err = inSchema.read(one.Tables)
		}
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", s.name, err)
		}
		for _, t := range inSchema {
			var declared struct {
				Columns jsontext.Value `json:"columns"`
			}
			table := &schema.Table{Schema: s.name, Name: t.name}
			err := json.Unmarshal(t.value, &declared)
			if err == nil {
				err = columns.read(declared.Columns)
			}
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", table, err)
			}
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
			folded := strings.ToLower(table.String())
			if known[folded] {
				return nil, fmt.Errorf("table %s comes twice", table)
			}
			known[folded] = true
			tables = append(tables, table)
		}
	}
	return tables, nil
}

// members are those of a JSON object, in its order.
type members []member

type member struct {
	name  string
	value jsontext.Value
}

func (m *members) read(object jsontext.Value) error {
	*m = nil
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if dec.PeekKind() != '{' {
		return errors.New("it is no JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		one := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		one.value = value.Clone()
		*m = append(*m, one)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	return nil
}
