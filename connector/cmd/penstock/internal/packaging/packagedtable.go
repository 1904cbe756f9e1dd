package packaging

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

// A packagedTable is a table in penstock.json, in the form that the function schema of a
// Connector SDK connector returns.
type packagedTable struct {
	Schema     string          `json:"schema"`
	Table      string          `json:"table"`
	PrimaryKey []string        `json:"primary_key,omitempty"`
	Columns    json.RawMessage `json:"columns"`
}

// tables returns the tables of penstock.json, and the DECIMAL columns that have the type
// f.Decimal because they declare no precision. Without f.Decimal, such columns are an error.
func (f *Fivetran) tables(tables []*schema.Table) (packaged []packagedTable, guessed []string, err error) {
	packaged = []packagedTable{}
	for _, t := range tables {
		p := packagedTable{Schema: t.Schema, Table: t.Name}
		var columns []rawjson.Member
		for _, c := range t.Columns {
			if c.PrimaryKey {
				p.PrimaryKey = append(p.PrimaryKey, c.Name)
			}
			kind := rawjson.AppendString(nil, c.Type.String())
			if c.Type == schema.TypeDecimal {
				if c.Precision == 0 {
					guessed = append(guessed, t.String()+"."+c.Name)
					c.Precision, c.Scale = f.Decimal.Precision, f.Decimal.Scale
				}
				kind = fmt.Appendf(nil, `{"type":"DECIMAL","precision":%d,"scale":%d}`, c.Precision, c.Scale)
			}
			columns = append(columns, rawjson.Member{Name: c.Name, Value: kind})
		}
		p.Columns = json.RawMessage(rawjson.Object(columns))
		packaged = append(packaged, p)
	}
	if len(guessed) > 0 && f.Decimal == (DecimalType{}) {
		return nil, nil, fmt.Errorf("DECIMAL columns without a precision: %s; Fivetran's Connector SDK requires one: declare it in the connector with a tag such as schema:\"precision=12,scale=2\", or set it for all of these columns with -decimal 38,10", strings.Join(guessed, ", "))
	}
	return packaged, guessed, nil
}
