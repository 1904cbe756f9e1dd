package secretmatrix_test

import (
	"context"
	"encoding/json"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A leaky connector does what its script says. The script repeats the secrets of the
// configuration in ways that no good connector would.
type leaky struct {
	Account string           `json:"account,omitempty"`
	Key     connector.Secret `json:"key"`
	Other   connector.Secret `json:"other,omitempty"`
	Size    int              `json:"size,omitempty"`

	script *script
}

// A script implements the methods of a connector. A nil function does nothing.
type script struct {
	validate func() error
	open     func(context.Context) error
	schema   func() (schema.Schema, error)
	test     func(context.Context, *leaky) error
	sync     func(context.Context, *leaky, state.State, connector.Emitter) error
	close    func() error
}

func (c *leaky) Validate() error {
	if c.script.validate == nil {
		return nil
	}
	return c.script.validate()
}

func (c *leaky) Open(ctx context.Context) error {
	if c.script.open == nil {
		return nil
	}
	return c.script.open(ctx)
}

func (c *leaky) Close() error {
	if c.script.close == nil {
		return nil
	}
	return c.script.close()
}

func (c *leaky) Schema(context.Context) (schema.Schema, error) {
	if c.script.schema != nil {
		return c.script.schema()
	}
	return schema.New("shop",
		schema.Table{Name: "orders", Columns: []schema.Column{
			{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
			{Name: "note", Type: schema.TypeString},
			{Name: "more", Type: schema.TypeJSON},
			{Name: "data", Type: schema.TypeBinary},
		}},
		schema.Table{Name: "notes", Columns: []schema.Column{
			{Name: "text", Type: schema.TypeString, PrimaryKey: true},
			{Name: "n", Type: schema.TypeLong},
		}},
	)
}

func (c *leaky) Test(ctx context.Context) error {
	if c.script.test == nil {
		return nil
	}
	return c.script.test(ctx, c)
}

func (c *leaky) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	if c.script.sync == nil {
		return nil
	}
	return c.script.sync(ctx, c, st, out)
}

// configuration returns a configuration with a secret.
func configuration(k *secretspelling.Kind) []byte {
	members := map[string]string{"account": "a-1", "key": k.Value}
	if k.Other != "" {
		members["other"] = k.Other
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err) // strings always marshal
	}
	return text
}
