package warehouse_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func TestTablesWithoutAKeyHaveOneRowForEqualValues(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	for _, row := range []string{`{"a":1,"b":"x"}`, `{"b":"x","a":1,"c":null}`, `{"a":1}`} {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(row)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "2", rows(t, w, `SELECT count(DISTINCT _fivetran_id) FROM "s.t"`))
	assert.ErrorContains(t, w.Apply(stdin.Delete, "s", "t", []byte(`{"a":1}`)), "table s.t: a DELETE requires a primary key")
}

func TestErrorsNameTheTableAndTheColumn(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	for op, want := range map[stdin.Op]string{
		stdin.Upsert: "table shop.orders: a row has no value in column id of the primary key",
		stdin.Update: "table shop.orders: a row has no value in column id of the primary key",
		stdin.Delete: "table shop.orders: a row has no value in column id of the primary key",
	} {
		assert.ErrorContains(t, w.Apply(op, "shop", "orders", []byte(`{"note":"x","id":null}`)), want)
	}
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"Note":"x"}`)), "columns note and Note are both Note in the warehouse")
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "Orders", []byte(`{"id":1}`)), "tables shop.orders and shop.Orders are both shop.Orders in the warehouse")
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"_fivetran_synced":"x"}`)), "the name of column _fivetran_synced is reserved")
}

func TestTheSameValuesHaveTheSameIdentity(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	for _, row := range []string{`{"a":"é","j":{"k":1,"l":"x"}}`, `{"a":"\u00e9","j":{"k": 1,"l":"x"}}`, `{"j":{"l":"\u0078","k":1},"a":"é"}`} {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(row)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1", rows(t, w, `SELECT count(*) FROM "s.t"`))
}

func TestTheLastOfRepeatedColumnsCounts(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":"x","b":1,"a":null,"b":2}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "<nil> 2", rows(t, w, `SELECT a, b FROM "s.t"`))
	assert.EqualValues(t, 1, w.Tables()[0].Columns[1].Filled)
}

func TestADeleteMayRepeatAColumnThatIsNotPartOfTheKey(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	require.NoError(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"note":"x"}`)))
	require.NoError(t, w.Apply(stdin.Delete, "shop", "orders", []byte(`{"id":1,"note":"x","note":null}`)))
}
