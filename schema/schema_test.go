package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewValidatesTablesAndFindsThemByBothNames(t *testing.T) {
	columns := []schema.Column{{Name: "id", Type: schema.TypeLong}}
	s, err := schema.New("shop", schema.Table{Name: "orders", Columns: columns}, schema.Table{Name: "items"})
	require.NoError(t, err)
	columns[0].Name = "changed later"
	require.Len(t, s.Tables(), 2)
	for _, name := range []string{"orders", "shop.orders"} {
		table, ok := s.Table(name)
		require.True(t, ok, name)
		assert.Equal(t, "shop.orders", table.String())
		assert.Equal(t, "id", table.Columns[0].Name)
	}
	_, ok := s.Table("shop")
	assert.False(t, ok)
	s.Tables()[0] = nil
	assert.NotNil(t, s.Tables()[0], "the caller may modify the slice")

	_, err = schema.New("", schema.Table{Name: "a"}, schema.Table{Name: "A"}, schema.Table{Name: "b", Columns: []schema.Column{{Name: "c"}}})
	assert.ErrorContains(t, err, `the name "" of the schema is empty`)
	assert.ErrorContains(t, err, `tables "a" and "A" are the same table at a destination that ignores case`)
	assert.ErrorContains(t, err, `table "b": column "c" has no type`)
}

func TestATableFollowsAnotherTableOfItsSchema(t *testing.T) {
	items := schema.Table{Name: "items"}
	s, err := schema.New("shop", schema.Table{Name: "orders"}, items.Following("orders"))
	require.NoError(t, err)
	table, _ := s.Table("items")
	assert.Equal(t, "orders", table.Follows)
	assert.Empty(t, items.Follows, "Following returns a copy")

	_, err = schema.New("shop", items.Following("ordres"), schema.Table{Name: "loop"}.Following("loop"))
	assert.ErrorContains(t, err, `table "items" follows table "ordres", which is not in the schema`)
	assert.ErrorContains(t, err, `table "loop": it follows itself`)
	_, err = schema.New("shop", schema.Table{Name: "orders"}, items.Following("orders"), schema.Table{Name: "discounts"}.Following("items"))
	assert.EqualError(t, err, `schema: table "discounts" follows table "items", which follows "orders" itself: let "discounts" follow "orders"`)
}

func TestJoinRejectsDuplicateTablesAndFindsNoAmbiguousNames(t *testing.T) {
	mustNew := func(name string, tables ...schema.Table) schema.Schema {
		s, err := schema.New(name, tables...)
		require.NoError(t, err)
		return s
	}
	sales := mustNew("sales", schema.Table{Name: "orders"}, schema.Table{Name: "leads"})
	shop := mustNew("shop", schema.Table{Name: "orders"})
	third := mustNew("third", schema.Table{Name: "orders"}, schema.Table{Name: "shop.orders"})
	both, err := schema.Join(sales, shop, third)
	require.NoError(t, err)
	assert.Len(t, both.Tables(), 5)
	_, ok := both.Table("orders")
	assert.False(t, ok, "three tables have this name")
	_, ok = both.Table("shop.orders")
	assert.False(t, ok, "orders of shop and shop.orders of third have this name")
	for name, want := range map[string]string{"leads": "sales.leads", "sales.orders": "sales.orders", "third.orders": "third.orders", "third.shop.orders": "third.shop.orders"} {
		table, ok := both.Table(name)
		require.True(t, ok, name)
		assert.Equal(t, want, table.String())
	}
	_, err = schema.Join(sales, sales)
	assert.EqualError(t, err, `schema: table "sales.orders" is declared twice`)
	_, err = schema.Join(sales, mustNew("Sales", schema.Table{Name: "Orders"}))
	assert.EqualError(t, err, `schema: tables "sales.orders" and "Sales.Orders" are the same table at a destination that ignores case`)
	_, err = schema.Join(mustNew("a", schema.Table{Name: "b.c"}), mustNew("a.b", schema.Table{Name: "c"}))
	assert.EqualError(t, err, `schema: table "b.c" of schema "a" and table "c" of schema "a.b" have the same qualified name: rename one of them`)
}

func TestANilSchemaCannotBeJoined(t *testing.T) {
	sales, err := schema.New("sales")
	require.NoError(t, err)
	broken, _ := schema.New("")
	_, err = schema.Join(sales, broken)
	assert.ErrorContains(t, err, "schema 2 of Join is nil")
}
