package hosttest

import (
	"errors"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// shop returns a schema with the tables orders and carts.
func shop() (schema.Schema, error) { return keyed("orders", "carts") }

// keyed returns a schema of tables with the columns id, which is the key, and note.
func keyed(names ...string) (schema.Schema, error) {
	var tables []schema.Table
	for _, name := range names {
		tables = append(tables, schema.Table{Name: name, Columns: []schema.Column{
			{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
			{Name: "note", Type: schema.TypeString},
		}})
	}
	return schema.New("shop", tables...)
}

// tablesOf returns a function that calls keyed.
func tablesOf(names ...string) func() (schema.Schema, error) {
	return func() (schema.Schema, error) { return keyed(names...) }
}

// A note is a row of a table of keyed.
type note struct {
	ID   int64  `json:"id"`
	Note string `json:"note"`
}

// typed returns a schema with columns of every type and with every kind of key.
func typed() (schema.Schema, error) {
	columns := []schema.Column{{Name: "key", Type: schema.TypeLong, PrimaryKey: true}}
	for t := schema.TypeBoolean; t <= schema.TypeJSON; t++ {
		column := schema.Column{Name: "c_" + strings.ToLower(t.String()), Type: t, Nullable: true}
		if t == schema.TypeDecimal {
			column.Precision, column.Scale = 38, 9
		}
		columns = append(columns, column)
	}
	return schema.New("shop",
		schema.Table{Name: "values", Columns: columns},
		schema.Table{Name: "pairs", Columns: []schema.Column{
			{Name: "left", Type: schema.TypeString, PrimaryKey: true},
			{Name: "right", Type: schema.TypeNaiveDate, PrimaryKey: true},
			{Name: "a_note", Type: schema.TypeString},
		}},
		schema.Table{Name: "events", Columns: []schema.Column{{Name: "text", Type: schema.TypeString}}},
	)
}

// offices returns two schemas that both have a table people.
func offices() (schema.Schema, error) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	staff, err := schema.New("staff", schema.Table{Name: "people", Columns: id})
	sales, err2 := schema.New("sales", schema.Table{Name: "people", Columns: id}, schema.Table{Name: "orders", Columns: id})
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return schema.Join(staff, sales)
}
