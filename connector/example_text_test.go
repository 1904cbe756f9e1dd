package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/value"
)

// An Archive is a connector for files of text. It knows the types of their columns only
// at run time, for example from a data dictionary.
type Archive struct{}

func (*Archive) Schema(context.Context) (schema.Schema, error) {
	return schema.New("archive", schema.Table{Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "paid", Type: schema.TypeBoolean},
		{Name: "total", Type: schema.TypeDecimal},
		{Name: "created", Type: schema.TypeUTCDatetime},
		{Name: "items", Type: schema.TypeJSON},
	}})
}

func (*Archive) Test(context.Context) error { return nil }

func (a *Archive) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	tables, err := a.Schema(ctx)
	if err != nil {
		return err
	}
	orders, _ := tables.Table("orders")
	c := schema.NewTextConverter(orders)
	c.True, c.False = []string{"ja"}, []string{"nein"}
	c.ParseNumber = func(text string) (json.Number, error) { return value.ParseNumber(text, ',') }
	c.ParseTime = func(text string) (time.Time, error) { return value.ParseTime(text, "02.01.2006 15:04") }
	read := func(file io.Reader, f format.Format) error {
		for record, err := range format.DecodeContext[map[string]any](ctx, file, f) {
			if err != nil {
				return err
			}
			row, err := c.Convert(record)
			if err != nil {
				return err
			}
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		return nil
	}
	csv := "id;paid;total;created\n1;ja;1.234,50;01.02.2026 03:04\n2;;;\n"
	if err := read(strings.NewReader(csv), format.CSV{Comma: ';'}); err != nil {
		return err
	}
	xml := `<orders><order><id>3</id><paid>nein</paid><items><item>a</item><item>b</item></items></order></orders>`
	return read(strings.NewReader(xml), format.XML{At: "orders.order"})
}

// A connector converts each record of its CSV and XML files to the types of a table in
// one call. The converter is told how the source writes numbers, times and booleans.
func Example_textToColumnTypes() {
	err := stdin.Serve(context.Background(), &Archive{}, strings.NewReader(`{"secrets":{}}`), os.Stdout, host.LogTo(slog.DiscardHandler))
	fmt.Println("error:", err)
	// Output:
	// {"type":"RECORD","record":{"archive":{"orders":{"id":1,"paid":true,"total":"1234.50","created":"2026-02-01T03:04:00Z"}}}}
	// {"type":"RECORD","record":{"archive":{"orders":{"id":2,"paid":null,"total":null,"created":null}}}}
	// {"type":"RECORD","record":{"archive":{"orders":{"id":3,"paid":false,"items":{"item":["a","b"]}}}}}
	// {"type":"STATE","state":{}}
	// error: <nil>
}
