package patterns_test

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

// A Catalog is a connector for a source whose records rarely change.
type Catalog struct {
	BaseURL string `json:"base_url" jsonschema:"format=uri"`
}

// A Product is a row of products.
type Product struct {
	ID    int64          `json:"id" schema:"primary_key"`
	Price schema.Decimal `json:"price"`
}

func (*Catalog) Schema(context.Context) (schema.Schema, error) {
	return schema.New("catalog", schema.TableOf[Product]("products"))
}

func (c *Catalog) client(ctx context.Context) (*transport.Client, error) {
	return transport.New(c.BaseURL, transport.WithLogger(connector.Logger(ctx)))
}

func (c *Catalog) Test(ctx context.Context) error {
	api, err := c.client(ctx)
	if err != nil {
		return err
	}
	_, err = api.Do(ctx, transport.Request{Path: "/products"})
	return err
}

func (c *Catalog) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	api, err := c.client(ctx)
	if err != nil {
		return err
	}
	products := st.Table("products")
	if len(products.NewColumns()) > 0 {
		products.Delete(transport.ValidatorsKey) // read all products again
	}
	request := transport.Request{Path: "/products", RecordsAt: "data", Validators: products}
	for product, err := range transport.Records[Product](ctx, api, request, nil) {
		if err != nil {
			return err
		}
		if err := out.Upsert("products", product); err != nil {
			return err
		}
	}
	return nil
}

// The source has an ETag or Last-Modified header, and responds with 304 if nothing has
// changed. Validators stores the header in the part of the table, from which the next
// sync sends it. The first sync reads the products, and the second one no rows.
func Example_unchanged() {
	platform := newPlatform(etag, nil)
	platform.sync(&Catalog{})
	platform.sync(&Catalog{})
	// Output:
	// {"type":"RECORD","record":{"catalog":{"products":{"id":1,"price":"1.50"}}}}
	// {"type":"RECORD","record":{"catalog":{"products":{"id":2,"price":"2.00"}}}}
	// {"type":"STATE","state":{"products":{"_columns":["id","price"],"validators":[{"request":"JeEIM2vI6FM3yi3I_3Dj7A","etag":"\"v1\"","records":2}]}}}
	// {"type":"STATE","state":{"products":{"_columns":["id","price"],"validators":[{"request":"JeEIM2vI6FM3yi3I_3Dj7A","etag":"\"v1\"","records":2}]}}}
}
