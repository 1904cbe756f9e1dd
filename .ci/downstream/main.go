package main

import (
	"context"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type Connector struct {
	Count int `json:"count"`
}

type Row struct {
	ID int `json:"id" schema:"primary_key"`
}

func (c *Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("down", schema.TableOf[Row]("rows"))
}

func (c *Connector) Test(context.Context) error { return nil }

func (c *Connector) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	for id := range c.Count {
		if err := out.Upsert("rows", Row{id}); err != nil {
			return err
		}
	}
	return nil
}

func main() { penstock.Main(&Connector{}) }
