package patterns_test

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A CRM is a connector for a source whose users define objects and fields of their own.
type CRM struct {
	BaseURL string `json:"base_url" jsonschema:"format=uri"`
}

// fieldTypes maps the types of the source to those of columns. A field of another type
// becomes a JSON column, which takes any value.
var fieldTypes = map[string]schema.Type{
	"integer": schema.TypeLong, "money": schema.TypeDecimal,
	"string": schema.TypeString, "timestamp": schema.TypeUTCDatetime,
}

func (c *CRM) client(ctx context.Context) (*transport.Client, error) {
	return transport.New(c.BaseURL, transport.WithLogger(connector.Logger(ctx)))
}

// Schema requests the objects and their fields. It is called before every sync.
func (c *CRM) Schema(ctx context.Context) (schema.Schema, error) {
	api, err := c.client(ctx)
	if err != nil {
		return nil, err
	}
	type object struct {
		Name   string
		Fields []struct {
			Name, Type string
			Key        bool
		}
	}
	var tables []schema.Table
	for object, err := range transport.Records[object](ctx, api, transport.Request{Path: "/objects", RecordsAt: "objects"}, nil) {
		if err != nil {
			return nil, err
		}
		table := schema.Table{Name: object.Name}
		for _, field := range object.Fields {
			table.Columns = append(table.Columns, schema.Column{
				Name: field.Name, Type: cmp.Or(fieldTypes[field.Type], schema.TypeJSON), PrimaryKey: field.Key,
			})
		}
		tables = append(tables, table)
	}
	return schema.New("crm", tables...)
}

func (c *CRM) Test(ctx context.Context) error {
	_, err := c.Schema(ctx)
	return err
}

func (c *CRM) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	discovered, err := c.Schema(ctx)
	if err != nil {
		return err
	}
	var tables connector.Tables
	for _, table := range discovered.Tables() {
		tables.Add(table.Name, func(ctx context.Context, _ state.State, out connector.Emitter) error {
			return c.syncTable(ctx, table, out)
		})
	}
	return tables.Sync(ctx, st, out)
}

// syncTable requests the columns that the user has selected. A row of the source is a
// list of values in the order of the request.
func (c *CRM) syncTable(ctx context.Context, table *schema.Table, out connector.Emitter) error {
	api, err := c.client(ctx)
	if err != nil {
		return err
	}
	columns, err := out.SelectedColumns(table.Name)
	if err != nil {
		return err
	}
	row, err := schema.NewRow(table, columns...)
	if err != nil {
		return err
	}
	request := transport.Request{
		Path:  "/objects/" + url.PathEscape(table.Name) + "/rows",
		Query: url.Values{"fields": {strings.Join(columns, ",")}}, RecordsAt: "rows",
	}
	for values, err := range transport.Records[[]any](ctx, api, request, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
		row.Reset()
		for _, value := range values {
			row.Value(value)
		}
		if err := out.Upsert(table.Name, row); err != nil {
			return err
		}
	}
	return nil
}

// The tables and columns of the source are known only at run time. Schema declares them,
// and a schema.Row takes the values of a row one after the other. If the rows of a source
// are objects, read them as json.RawMessage and pass them to Upsert. If their values are
// text, convert them as in Example_bulkExport.
func Example_discovery() {
	newPlatform(customObjects, nil).sync(&CRM{})
	// Unordered output:
	// {"type":"RECORD","record":{"crm":{"deals":{"id":1,"amount":"19.90","stage":{"id":7}}}}}
	// {"type":"RECORD","record":{"crm":{"deals":{"id":2,"amount":null,"stage":null}}}}
	// {"type":"RECORD","record":{"crm":{"visits":{"number":10,"at":"2026-05-01T09:00:00Z"}}}}
	// {"type":"STATE","state":{}}
}
