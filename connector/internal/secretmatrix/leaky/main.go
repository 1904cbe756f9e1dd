// Command leaky is a connector that repeats the secret of its configuration in its log, its
// warnings, its rows and its error. The tests of the penstock tool run it. The environment
// variable PENSTOCK_LEAKY_KIND is the index of a kind of secret of package secretspelling.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A leaky connector has a secret, and another if the kind has one.
type leaky struct {
	Key   connector.Secret `json:"key"`
	Other connector.Secret `json:"other,omitempty"`
}

// Schema implements [connector.Connector].
func (c *leaky) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.Table{Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString}, {Name: "more", Type: schema.TypeJSON},
	}})
}

// Test implements [connector.Connector].
func (c *leaky) Test(context.Context) error { return nil }

// Sync implements [connector.Connector].
func (c *leaky) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	index, err := strconv.Atoi(os.Getenv("PENSTOCK_LEAKY_KIND"))
	if err != nil {
		return err
	}
	var errs []error
	id := 0
	for _, secret := range secretspelling.Kinds()[index].Texts() {
		for _, s := range secretspelling.Spellings() {
			spelled := s.Spell(secret)
			if spelled == "" || s.Last || s.IsException(secret) {
				continue
			}
			id++
			text := fmt.Sprintf("%s: the source said %s (sic)", s.Name, spelled)
			connector.Logger(ctx).Info(text, "text", text)
			if err := out.Warn(text); err != nil {
				return err
			}
			row := map[string]any{"id": id, "note": text, "more": []string{text}}
			if !s.IsExceptionInData(secret) {
				if err := out.Upsert("orders", row); err != nil {
					return err
				}
			}
			errs = append(errs, errors.New(text))
		}
	}
	if err := errors.Join(st.Shared().Set("rows", id), out.Checkpoint()); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func main() { penstock.Main(&leaky{}) }
