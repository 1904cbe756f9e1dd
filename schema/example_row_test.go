package schema_test

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// The cells of a row are appended in the order of a query. The columns are delivered
// in the order of their declaration.
func ExampleRow() {
	people := &schema.Table{Name: "people", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "name", Type: schema.TypeString},
		{Name: "height", Type: schema.TypeDecimal},
	}}
	row, err := schema.NewRow(people, "name", "height", "id")
	if err != nil {
		fmt.Println(err)
		return
	}
	encoder := schema.NewEncoder(people, nil)
	for id, name := range []string{"Ada", "Alan"} {
		row.Reset()
		row.Text(name)
		row.Decimal("1.70")
		row.Int(int64(id))
		line, err := encoder.Append(nil, row, schema.Full)
		fmt.Println(string(line), err)
	}
	// A value that does not fit is an error of the operation.
	row.Reset()
	row.Text("Grace")
	row.Float(1.7)
	row.Int(3)
	_, err = encoder.Append(nil, row, schema.Full)
	fmt.Println(err)
	// Output:
	// {"id":0,"name":"Ada","height":"1.70"} <nil>
	// {"id":1,"name":"Alan","height":"1.70"} <nil>
	// table people, column height: want DECIMAL, got float64: it may already have lost digits: decode it as schema.Decimal or json.Number
}

// A misspelled column is an error of NewRow.
func ExampleNewRow() {
	people := &schema.Table{Name: "people", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	_, err := schema.NewRow(people, "ID")
	fmt.Println(err)
	// Output: schema: a row of table "people": the table declares column "ID" as "id"
}
