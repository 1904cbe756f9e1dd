// Command restapi is a connector for a fictional shop's REST API. To write a
// connector for another API, copy this file and change its rows and requests.
package main

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// The Connector passed to Main holds the default configuration.
func main() { penstock.Main(&Connector{PageSize: 500}) }

// Connector reads the shop's API. Its exported fields are the configuration.
type Connector struct {
	APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key,description=The key under Settings - API"`
	BaseURL  string           `json:"base_url" jsonschema:"title=Base URL,format=uri,description=The address of the API"`
	PageSize int              `json:"page_size" jsonschema:"title=Page size,minimum=1,maximum=1000,description=Rows per request"`

	api *transport.Client
}

// A Customer is a row of customers. It decodes the API's JSON, and its fields
// define the table's columns and their types.
type Customer struct {
	ID        int64     `json:"id" schema:"primary_key"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

// An Order is a row of orders. Fields tagged schema:"-" are decoded but are not
// columns. Items holds rows of another table.
type Order struct {
	ID         int64           `json:"id" schema:"primary_key"`
	CustomerID int64           `json:"customer_id"`
	Status     string          `json:"status"`
	Total      schema.Decimal  `json:"total"`
	Currency   string          `json:"currency"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Tags       []string        `json:"tags"`
	Shipping   json.RawMessage `json:"shipping"`
	Deleted    bool            `json:"deleted" schema:"-"`
	Items      []Item          `json:"items" schema:"-"`
}

// An Item is a row of order_items. The API does not send OrderID; deliver sets it.
type Item struct {
	OrderID  int64          `json:"order_id" schema:"primary_key"`
	Line     int32          `json:"line" schema:"primary_key"`
	SKU      string         `json:"sku"`
	Quantity int64          `json:"quantity"`
	Price    schema.Decimal `json:"price"`
}

// Schema returns the tables. They are fixed, so it makes no request.
func (c *Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop",
		schema.TableOf[Customer]("customers"),
		schema.TableOf[Order]("orders"),
		schema.TableOf[Item]("order_items").Following("orders"),
	)
}

// Open is optional. It is called before Test and Sync, with a valid configuration.
func (c *Connector) Open(ctx context.Context) (err error) {
	c.api, err = transport.New(c.BaseURL,
		transport.WithAuth(auth.Bearer(c.APIKey.Reveal())), transport.WithLogger(connector.Logger(ctx)))
	return err
}

// Test checks the configuration. Its error is shown to the person who filled it in.
func (c *Connector) Test(ctx context.Context) error {
	_, err := transport.Get[json.RawMessage](ctx, c.api, transport.Request{Path: "/ping"})
	return err
}

// Sync syncs the tables concurrently. If one fails, the others continue.
// syncOrders also delivers order_items, which follows orders.
func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("customers", c.syncCustomers)
	tables.Add("orders", c.syncOrders)
	return tables.Sync(ctx, st, out)
}

// syncCustomers reads the whole table. The API cannot filter customers by time.
func (c *Connector) syncCustomers(ctx context.Context, _ state.State, out connector.Emitter) error {
	size := url.Values{"per_page": {strconv.Itoa(c.PageSize)}}
	request := transport.Request{Path: "/customers", Query: size, RecordsAt: "data"}
	pages := paging.PageNumber{TotalPagesAt: "total_pages"}
	for customer, err := range transport.Records[Customer](ctx, c.api, request, pages) {
		if err != nil {
			return err
		}
		if err := out.Upsert("customers", &customer); err != nil {
			return err
		}
	}
	return nil
}

// syncOrders reads the orders updated since the last sync. The API sorts them by
// updated_at, so an interrupted sync resumes from its last checkpoint.
func (c *Connector) syncOrders(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "orders", state.Sorted(), state.StartAt(time.Unix(0, 0).UTC()))
	since := cursor.Start().Format(time.RFC3339Nano)
	query := url.Values{"updated_since": {since}, "limit": {strconv.Itoa(c.PageSize)}}
	request := transport.Request{Path: "/orders", Query: query, RecordsAt: "data"}
	for order, err := range transport.Records[Order](ctx, c.api, request, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
		if err := deliver(out, &order); err != nil {
			return err
		}
		// Advance after the row is delivered: the next sync starts at the cursor.
		cursor.Advance(order.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// deliver upserts an order and its items, or deletes them.
func deliver(out connector.Emitter, order *Order) error {
	emit := out.Upsert
	if order.Deleted {
		emit = out.Delete
	}
	if err := emit("orders", order); err != nil {
		return err
	}
	for i := range order.Items {
		order.Items[i].OrderID = order.ID
		if err := emit("order_items", &order.Items[i]); err != nil {
			return err
		}
	}
	return nil
}
