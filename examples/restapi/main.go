// Command restapi is a connector for the API of a made-up shop. Copy it for an
// API of your own: everything that such a connector has to do is in this file.
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

// The value given to Main holds the defaults of the configuration.
func main() { penstock.Main(&Connector{PageSize: 500}) }

// Connector reads the shop. Its exported fields are its configuration.
type Connector struct {
	APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key,description=The key under Settings - API"`
	BaseURL  string           `json:"base_url" jsonschema:"title=Base URL,format=uri,description=Where the API is"`
	PageSize int              `json:"page_size" jsonschema:"title=Page size,minimum=1,maximum=1000,description=Rows per request"`

	api *transport.Client
}

// A Customer is a row, as the API sends it and as the platform gets it. Its
// fields are the columns, and the columns' types follow from the fields' types.
type Customer struct {
	ID        int64     `json:"id" schema:"primary_key"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"created_at"`
}

// An Order is a row and contains rows of another table. Fields tagged schema:"-"
// are read but are not columns.
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

// An Item is a row of order_items. The API leaves out its order's id.
type Item struct {
	OrderID  int64          `json:"order_id" schema:"primary_key"`
	Line     int32          `json:"line" schema:"primary_key"`
	SKU      string         `json:"sku"`
	Quantity int64          `json:"quantity"`
	Price    schema.Decimal `json:"price"`
}

// Schema returns the tables. They are known in advance: it makes no request.
func (c *Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop",
		schema.TableOf[Customer]("customers"),
		schema.TableOf[Order]("orders"),
		schema.TableOf[Item]("order_items"),
	)
}

// Open is optional. It is called before Test and Sync, with a valid
// configuration.
func (c *Connector) Open(ctx context.Context) (err error) {
	auth, log := auth.Bearer(c.APIKey.Reveal()), connector.Logger(ctx)
	c.api, err = transport.New(c.BaseURL, transport.WithAuth(auth), transport.WithLogger(log))
	return err
}

// Test tries the configuration. Its error is shown to the person who filled it in.
func (c *Connector) Test(ctx context.Context) error {
	_, err := transport.Get[json.RawMessage](ctx, c.api, transport.Request{Path: "/ping"})
	return err
}

// Sync delivers what is new, table by table and several at a time: one that fails
// does not stop the others. Items come with their orders, in one function.
func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("customers", c.syncCustomers)
	tables.Add("orders", c.syncOrders, "order_items")
	return tables.Sync(ctx, st, out)
}

// syncCustomers reads the whole table: the API cannot say what is new.
func (c *Connector) syncCustomers(ctx context.Context, _ state.State, out connector.Emitter) error {
	size := url.Values{"per_page": {strconv.Itoa(c.PageSize)}}
	request := transport.Request{Path: "/customers", Query: size, RecordsAt: "data"}
	paging := paging.PageNumber{TotalPagesAt: "total_pages"}
	for customer, err := range transport.Records[Customer](ctx, c.api, request, paging) {
		if err != nil {
			return err
		}
		if err := out.Upsert("customers", &customer); err != nil {
			return err
		}
	}
	return nil
}

// syncOrders continues where the last sync ended. The API sorts orders by
// updated_at, so a sync that dies half-way resumes from its last checkpoint.
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
		// Only now: rows before the cursor are not read again.
		cursor.Advance(order.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers an order and its items, or deletes them.
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
