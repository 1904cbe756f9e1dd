package fivetran_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A declaring is a connector with the tables a and b. The function of a declares a table of
// another schema before it delivers a row, that of b delivers a row.
type declaring struct{ ignores bool }

func (*declaring) Schema(context.Context) (schema.Schema, error) {
	a, b := notes(), notes()
	a.Name, b.Name = "a", "b"
	return schema.New("shop", *a, *b)
}

func (*declaring) Test(context.Context) error { return nil }

func (d *declaring) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	tables := connector.Tables{Parallel: 1}
	for _, name := range []string{"a", "b"} {
		tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
			if name == "a" {
				err := out.Declare(schema.Table{Schema: "other", Name: "z", Columns: notes().Columns})
				if !d.ignores {
					return err
				}
				_ = out.Upsert("z", map[string]any{"id": 1})
			}
			if err := out.Upsert(name, map[string]any{"id": 1}); err != nil {
				return err
			}
			return st.Table(name).Set("n", 1)
		})
	}
	return tables.Sync(ctx, st, out)
}

func TestATableInASecondSchemaThatIsDeclaredDuringASyncFailsTheTableThatDeclaresItOnly(t *testing.T) {
	t.Parallel()
	for _, ignores := range []bool{false, true} {
		all, err := messages(t, &declaring{ignores}, fivetran.PartnerSDK)
		wantStatus(t, err, codes.Internal, "1 of 2 tables failed: a: table other.z: Fivetran was told that all tables are in one schema, shop")
		delivered := map[string]int{}
		for _, m := range all {
			assert.Nil(t, m.SchemaChange)
			for _, raw := range m.Records {
				var r protocol.Record
				require.NoError(t, r.Parse(raw))
				delivered[r.Table]++
			}
		}
		want := map[string]int{"b": 1}
		if ignores {
			want["a"] = 1
		}
		assert.Equal(t, want, delivered)
		last := all[len(all)-1]
		require.Equal(t, "checkpoint", shape(last))
		assert.JSONEq(t, `{"b":{"n":1}}`, *last.Checkpoint)
	}
}

// The first table decides for a source that knows none before a sync.
func TestTheFirstDeclaredTableDecidesTheSchemaOfASourceWithoutTables(t *testing.T) {
	t.Parallel()
	all, err := messages(t, &scripted{sync: func(_ context.Context, out connector.Emitter) error {
		if err := out.Declare(schema.Table{Schema: "shop", Name: "a", Columns: notes().Columns}); err != nil {
			return err
		}
		if err := out.Declare(schema.Table{Schema: "shop", Name: "b", Columns: notes().Columns}); err != nil {
			return err
		}
		return out.Declare(schema.Table{Schema: "other", Name: "a", Columns: notes().Columns})
	}}, fivetran.PartnerSDK)
	wantStatus(t, err, codes.Internal, "table other.a: Fivetran was told that all tables are in one schema, shop")
	changes := 0
	for _, m := range all {
		if m.SchemaChange != nil {
			changes++
		}
	}
	assert.Equal(t, 2, changes)
}
