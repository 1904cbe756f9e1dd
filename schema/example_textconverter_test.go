package schema_test

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// The rows of a CSV file are maps of texts. Convert parses them by the types of the
// table, which was discovered.
func ExampleTextConverter() {
	table := &schema.Table{Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "paid", Type: schema.TypeBoolean},
		{Name: "total", Type: schema.TypeDecimal},
	}}
	c := schema.NewTextConverter(table)
	encoder := schema.NewEncoder(table, nil)
	for _, record := range []map[string]string{
		{"id": "1", "paid": "TRUE", "total": "19.90", "note": "gift"},
		{"id": "2", "paid": "", "total": "5"},
		{"id": "3", "paid": "no", "total": "1.234,50"},
	} {
		row, err := c.Convert(record)
		if err != nil {
			fmt.Println(err)
			continue
		}
		line, err := encoder.Append(nil, row, schema.Full)
		fmt.Println(string(line), err)
	}
	// Output:
	// {"id":1,"paid":true,"total":"19.90","note":"gift"} <nil>
	// {"id":2,"paid":null,"total":"5"} <nil>
	// table orders, column total: want DECIMAL, got text: cannot use "1.234,50": it is not a number: set ParseNumber if the source writes numbers in another way
}
