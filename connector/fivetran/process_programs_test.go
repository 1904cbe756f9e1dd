//go:build unix

package fivetran_test

import (
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func init() { programs["undeclared"] = beUndeclared }

func beUndeclared() { penstock.Main(&undeclared{}, fivetran.Host) }

// An undeclared is a connector whose rows have columns that its tables do not declare, in two
// schemas.
type undeclared struct{}

func (*undeclared) Schema(context.Context) (schema.Schema, error) {
	key := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	east, err := schema.New("east", schema.Table{Name: "rows", Columns: key})
	if err != nil {
		return nil, err
	}
	west, err := schema.New("west", schema.Table{Name: "rows", Columns: key})
	if err != nil {
		return nil, err
	}
	return schema.Join(east, west)
}

func (*undeclared) Test(context.Context) error { return nil }

// undeclaredRows are rows of the first schema.
var undeclaredRows = []string{
	`{"id":1,"text":"2026-01-02T03:04:05Z","truth":true,"nothing":null}`,
	`{"id":2,"whole":9223372036854775807,"small":-1,"real":0.1,"exponent":1e21}`,
	`{"id":3,"digits":0.1234567890123456789012345678,"large":123456789012345678901234567890}`,
	`{"id":4,"object":{"a":[1,2.50,{"b":null}]},"list":[],"empty":""}`,
	`{"id":5,"größe":"漢 🎁","with space":"a\nb","UPPER":1}`,
	`{"id":6,"text":7,"whole":"eight","truth":[true]}`,
}

func (*undeclared) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	for _, row := range undeclaredRows {
		if err := out.Upsert("east.rows", []byte(row)); err != nil {
			return err
		}
	}
	if err := out.Upsert("west.rows", []byte(`{"id":1,"text":"west"}`)); err != nil {
		return err
	}
	if err := st.Shared().Set("rows", len(undeclaredRows)); err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	return out.Checkpoint()
}

// newProgramContext returns the context of a program that is not a test.
func newProgramContext() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}
