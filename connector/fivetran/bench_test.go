package fivetran

import (
	"testing"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// An order and an item are rows like those of many APIs.
const (
	order = `{"id":183920,"customer_id":4211,"status":"shipped","total":"1249.90","currency":"EUR","updated_at":"2026-03-14T09:26:53Z","tags":["gift","express"],"shipping":{"city":"Utrecht","country":"NL","zip":"3511"}}`
	item  = `{"order_id":183920,"line":2,"sku":"AX-20-119","quantity":4,"price":"19.99"}`
)

var orders = &schema.Table{Schema: "shop", Name: "orders", Columns: []schema.Column{
	{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "customer_id", Type: schema.TypeLong}, {Name: "status", Type: schema.TypeString},
	{Name: "total", Type: schema.TypeDecimal}, {Name: "currency", Type: schema.TypeString}, {Name: "updated_at", Type: schema.TypeUTCDatetime},
	{Name: "tags", Type: schema.TypeJSON}, {Name: "shipping", Type: schema.TypeJSON},
}}

var items = &schema.Table{Schema: "shop", Name: "order_items", Columns: []schema.Column{
	{Name: "order_id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "line", Type: schema.TypeInt, PrimaryKey: true},
	{Name: "sku", Type: schema.TypeString}, {Name: "quantity", Type: schema.TypeLong}, {Name: "price", Type: schema.TypeDecimal},
}}

// BenchmarkRow compares the encoding of a row with reading its cells and with copying it, as
// a wire that writes JSON does.
func BenchmarkRow(b *testing.B) {
	for _, row := range []struct {
		name  string
		table *schema.Table
		row   []byte
	}{{"order", orders, []byte(order)}, {"item", items, []byte(item)}} {
		b.Run(row.name+"/encode", func(b *testing.B) {
			e := newRowEncoder(row.table, "")
			var batch protocol.Batch
			batch.Start(nil)
			for b.Loop() {
				record, err := e.append(batch.Begin(), row.row, protocol.Upsert)
				if err != nil {
					b.Fatal(err)
				}
				if batch.End(record); batch.Len() == protocol.MaxRecords {
					_, whole := batch.Message()
					batch.Start(whole)
				}
			}
		})
		b.Run(row.name+"/cells", func(b *testing.B) {
			r := schema.NewRowReader(row.table)
			for b.Loop() {
				if _, err := r.Read(row.row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
