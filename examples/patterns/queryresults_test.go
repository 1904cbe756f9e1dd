package patterns_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A Dashboard is a connector for a source that runs queries. Each query is a table.
type Dashboard struct {
	BaseURL string   `json:"base_url" jsonschema:"format=uri"`
	Queries []string `json:"queries" jsonschema:"minItems=1,uniqueItems=true"`
}

// resultTypes maps the types of the source to those of columns.
var resultTypes = map[string]schema.Type{
	"BIGINT": schema.TypeLong, "DECIMAL": schema.TypeDecimal, "VARCHAR": schema.TypeString,
}

// Schema declares tables without columns, which accept any row. The columns are not known
// before a query runs.
func (d *Dashboard) Schema(context.Context) (schema.Schema, error) {
	var tables []schema.Table
	for _, query := range d.Queries {
		tables = append(tables, schema.Table{Name: query})
	}
	return schema.New("dashboard", tables...)
}

func (d *Dashboard) client(ctx context.Context) (*transport.Client, error) {
	return transport.New(d.BaseURL, transport.WithLogger(connector.Logger(ctx)))
}

func (d *Dashboard) Test(ctx context.Context) error {
	api, err := d.client(ctx)
	if err != nil {
		return err
	}
	_, err = api.Do(ctx, transport.Request{Path: "/queries"})
	return err
}

func (d *Dashboard) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	for _, query := range d.Queries {
		tables.Add(query, func(ctx context.Context, _ state.State, out connector.Emitter) error {
			return d.syncQuery(ctx, query, out)
		})
	}
	return tables.Sync(ctx, st, out)
}

func (d *Dashboard) syncQuery(ctx context.Context, query string, out connector.Emitter) error {
	api, err := d.client(ctx)
	if err != nil {
		return err
	}
	request := transport.Request{Path: "/queries/" + url.PathEscape(query) + "/result", RecordsAt: "rows"}
	var row *schema.Row
	for page, err := range transport.Pages(ctx, api, request, paging.PageToken{At: "next", Param: "page"}) {
		if err != nil {
			return err
		}
		if page.Number == 1 {
			if row, err = declare(page, query, out); err != nil {
				return err
			}
		}
		for values, err := range transport.PageRecords[[]any](page) {
			if err != nil {
				return err
			}
			row.Reset()
			for _, value := range values {
				row.Value(value)
			}
			if err := out.Upsert(query, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// declare declares the table that the first page describes. Since its rows have no key,
// it deletes those of the last sync.
func declare(page *transport.Page, query string, out connector.Emitter) (*schema.Row, error) {
	described, _, err := page.Find("columns")
	if err != nil {
		return nil, err
	}
	var columns []struct{ Name, Type string }
	if err := json.Unmarshal(described, &columns); err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", query, err)
	}
	table := schema.Table{Name: query}
	for _, column := range columns {
		table.Columns = append(table.Columns, schema.Column{
			Name: column.Name, Type: cmp.Or(resultTypes[column.Type], schema.TypeJSON),
		})
	}
	if err := out.Declare(table); err != nil {
		return nil, err
	}
	if err := out.Truncate(query); err != nil {
		return nil, err
	}
	return schema.NewRow(&table)
}

// The source sends the columns with the rows, as databases with an HTTP API do. The
// connector declares the table once the first page has arrived.
func Example_queryResults() {
	newPlatform(queryResults, map[string]any{"queries": []string{"top_customers"}}).sync(&Dashboard{})
	// Output:
	// {"type":"RECORD","op":"TRUNCATE","record":{"dashboard":{"top_customers":{}}}}
	// {"type":"RECORD","record":{"dashboard":{"top_customers":{"customer":"Ada","revenue":"19.90"}}}}
	// {"type":"RECORD","record":{"dashboard":{"top_customers":{"customer":"Alan","revenue":"5.00"}}}}
	// {"type":"STATE","state":{}}
}
