package schema_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// namesOf returns Names with the tables of the given schemas and names. The
// value of each table is its index.
func namesOf(t *testing.T, tables ...[2]string) *schema.Names[int] {
	t.Helper()
	n := new(schema.Names[int])
	for i, table := range tables {
		require.NoError(t, n.Add(&schema.Table{Schema: table[0], Name: table[1]}, i))
	}
	return n
}

func TestANameIdentifiesTheOnlyTableThatHasIt(t *testing.T) {
	type tables = [][2]string
	for name, c := range map[string]struct {
		tables tables
		means  map[string]int
		fails  map[string]string
	}{
		"no tables": {
			nil, nil,
			map[string]string{"orders": `table "orders" is not in the schema, which has no tables`},
		},
		"own and qualified names": {
			tables{{"shop", "orders"}, {"shop", "carts"}},
			map[string]int{"orders": 0, "shop.orders": 0, "carts": 1, "shop.carts": 1},
			map[string]string{
				"ordres":      `table "ordres" is not in the schema, which has orders, carts`,
				"Orders":      `table "Orders" is not in the schema, which has orders, carts`,
				"":            `table "" is not in the schema, which has orders, carts`,
				"shop":        `table "shop" is not in the schema, which has orders, carts`,
				"shop.":       `table "shop." is not in the schema, which has orders, carts`,
				"test.orders": `table "test.orders" is not in the schema, which has orders, carts`,
			},
		},
		"the same own name in two schemas": {
			tables{{"sales", "people"}, {"sales", "orders"}, {"staff", "people"}},
			map[string]int{"sales.people": 0, "orders": 1, "staff.people": 2},
			map[string]string{
				"people":    `table "people" is not in the schema, which has sales.people, orders, staff.people; the name is ambiguous: use the qualified name, sales.people or staff.people`,
				"my.orders": `table "my.orders" is not in the schema, which has sales.people, orders, staff.people`,
			},
		},
		"a qualified name that is the own name of another table": {
			tables{{"hr", "orders"}, {"public", "hr.orders"}},
			map[string]int{"orders": 0, "public.hr.orders": 1},
			map[string]string{
				"hr.orders": `table "hr.orders" is not in the schema, which has orders, public.hr.orders; the name is ambiguous between table "orders" of schema "hr" and table "hr.orders" of schema "public": use the name orders or public.hr.orders`,
			},
		},
		"an own name that is the qualified name of another table": {
			tables{{"public", "hr.orders"}, {"hr", "orders"}},
			map[string]int{"orders": 1, "public.hr.orders": 0},
			map[string]string{"hr.orders": `the name is ambiguous between table "hr.orders" of schema "public" and table "orders" of schema "hr": use the name public.hr.orders or orders`},
		},
		"the same qualified name": {
			tables{{"a.b", "c"}, {"a", "b.c"}},
			map[string]int{"c": 0, "b.c": 1},
			map[string]string{"a.b.c": `the name is ambiguous between table "c" of schema "a.b" and table "b.c" of schema "a": use the name c or b.c`},
		},
		"a table without an unambiguous name": {
			tables{{"hr", "orders"}, {"public", "hr.orders"}, {"shop", "orders"}},
			map[string]int{"public.hr.orders": 1, "shop.orders": 2},
			map[string]string{
				"hr.orders": `the name is ambiguous between table "orders" of schema "hr" and table "hr.orders" of schema "public": rename one of them in the schema`,
				"orders":    `the name is ambiguous between table "orders" of schema "hr" and table "orders" of schema "shop": rename one of them in the schema`,
			},
		},
		"tables without a schema": {
			tables{{"", "orders"}, {"", "a.b"}, {"a", "b"}},
			map[string]int{"orders": 0, "b": 2},
			map[string]string{"a.b": `table "a.b" of schema "" and table "b" of schema "a": rename one of them in the schema`, ".orders": `table ".orders" is not in the schema`},
		},
		"more tables than an error lists": {
			tables{{"s", "a"}, {"s", "b"}, {"s", "c"}, {"s", "d"}, {"s", "e"}, {"s", "f"}, {"s", "g"}, {"s", "h"}, {"s", "i"}, {"s", "j"}, {"s", "k"}},
			map[string]int{"k": 10},
			map[string]string{"l": `table "l" is not in the schema, which has a, b, c, d, e, f, g, h, i, j, …`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := namesOf(t, c.tables...)
			for name, want := range c.means {
				got, err := n.Lookup(name)
				require.NoError(t, err)
				assert.Equal(t, want, got, name)
			}
			for name, want := range c.fails {
				_, err := n.Lookup(name)
				require.ErrorContains(t, err, want)
				var wrong *schema.NameError
				require.ErrorAs(t, err, &wrong)
				assert.Equal(t, name, wrong.Name)
			}
			for i, table := range c.tables {
				got, ok := n.Get(table[0], table[1])
				assert.True(t, ok, "even if its names are ambiguous")
				assert.Equal(t, i, got)
			}
			// The iteration is in the order in which the tables were added.
			i := 0
			for table, value := range n.All() {
				assert.Equal(t, [2]string{table.Schema, table.Name}, c.tables[i])
				assert.Equal(t, i, value)
				i++
			}
			assert.Equal(t, len(c.tables), i)
			assert.Equal(t, len(c.tables), n.Len())
		})
	}
}

func TestANameThatASecondTableGetsIsAmbiguousFromThenOn(t *testing.T) {
	n := namesOf(t, [2]string{"hr", "orders"})
	for _, name := range []string{"orders", "hr.orders"} {
		_, err := n.Lookup(name)
		require.NoError(t, err)
	}
	ambiguous := func(name string) {
		t.Helper()
		_, err := n.Lookup(name)
		var wrong *schema.NameError
		require.ErrorAs(t, err, &wrong)
		assert.True(t, wrong.Ambiguous)
	}
	require.NoError(t, n.Add(&schema.Table{Schema: "public", Name: "hr.orders"}, 1))
	ambiguous("hr.orders")
	require.NoError(t, n.Add(&schema.Table{Schema: "shop", Name: "orders"}, 2))
	ambiguous("orders")
	// Neither more tables nor a new declaration of either table changes this.
	require.NoError(t, n.Add(&schema.Table{Schema: "shop", Name: "hr.orders"}, 3))
	for _, again := range []schema.Table{{Schema: "public", Name: "hr.orders"}, {Schema: "hr", Name: "orders"}, {Schema: "shop", Name: "orders"}} {
		require.NoError(t, n.Add(&again, 4))
	}
	ambiguous("hr.orders")
	ambiguous("orders")
}

func TestAddingATableAgainReplacesItWithoutReordering(t *testing.T) {
	n := namesOf(t, [2]string{"shop", "orders"}, [2]string{"shop", "carts"})
	declared := &schema.Table{Schema: "shop", Name: "orders", Description: "new"}
	require.NoError(t, n.Add(declared, 7))
	assert.Equal(t, 2, n.Len())
	for _, name := range []string{"orders", "shop.orders"} {
		value, err := n.Lookup(name)
		require.NoError(t, err)
		assert.Equal(t, 7, value)
	}
	for table, value := range n.All() {
		assert.Same(t, declared, table)
		assert.Equal(t, 7, value)
		break
	}
}

func TestTablesThatDifferOnlyInCaseAreRejected(t *testing.T) {
	n := namesOf(t, [2]string{"shop", "orders"}, [2]string{"a", "b.c"})
	assert.EqualError(t, n.Add(&schema.Table{Schema: "Shop", Name: "Orders"}, 2), `schema: tables "shop.orders" and "Shop.Orders" are the same table at a destination that ignores case`)
	assert.Error(t, n.Add(&schema.Table{Schema: "shop", Name: "ORDERS"}, 2))
	require.NoError(t, n.Add(&schema.Table{Schema: "A.b", Name: "c"}, 2), "a different schema and a different name")
	assert.Equal(t, 3, n.Len())
	_, err := n.Lookup("Orders")
	assert.Error(t, err, "a rejected table is not added")
	_, ok := n.Get("Shop", "Orders")
	assert.False(t, ok)
	_, ok = n.Get("shop", "order")
	assert.False(t, ok)
}

func TestSchemaReturnsTheOnlySchemaOfAllTables(t *testing.T) {
	var n schema.Names[int]
	_, err := n.Schema()
	require.EqualError(t, err, "schema: no table has been declared yet, so the schema of the new table is unknown: set its Schema")
	for _, name := range []string{"orders", "carts", "orders"} {
		require.NoError(t, n.Add(&schema.Table{Schema: "shop", Name: name}, 0))
		only, err := n.Schema()
		require.NoError(t, err)
		assert.Equal(t, "shop", only)
	}
	for _, name := range []string{"other", "shop"} {
		require.NoError(t, n.Add(&schema.Table{Schema: name, Name: "people"}, 0))
		_, err = n.Schema()
		require.EqualError(t, err, "schema: the source has several schemas, so the schema of the new table is unknown: set its Schema")
	}
}

func TestTablesCanBeAddedWhileOthersAreLookedUp(t *testing.T) {
	const adders, each = 4, 200
	var n schema.Names[*schema.Table]
	require.NoError(t, n.Add(&schema.Table{Schema: "s0", Name: "first"}, &schema.Table{Schema: "s0", Name: "first"}))
	var wait sync.WaitGroup
	for a := range adders {
		wait.Go(func() {
			for i := range each {
				table := &schema.Table{Schema: fmt.Sprint("s", a), Name: fmt.Sprint("t", i)}
				assert.NoError(t, n.Add(table, table))
				found, err := n.Lookup(table.String())
				if assert.NoError(t, err) {
					assert.Same(t, table, found)
				}
				first, err := n.Lookup("first")
				if assert.NoError(t, err) {
					assert.Equal(t, "s0.first", first.String())
				}
				// The name identifies this table, unless other goroutines have
				// made it ambiguous.
				if own, err := n.Lookup(table.Name); err == nil {
					assert.Same(t, table, own)
				}
				_, _ = n.Schema()
			}
			for table, value := range n.All() {
				assert.Equal(t, table.String(), value.String())
			}
		})
	}
	wait.Wait()
	assert.Equal(t, adders*each+1, n.Len())
	for i := range each {
		_, err := n.Lookup(fmt.Sprint("t", i))
		require.Error(t, err)
	}
}

func TestTheCostPerTableDoesNotGrowWithTheNumberOfTables(t *testing.T) {
	fill := func(tables int, name func(i int) (schemaName, table string)) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var n schema.Names[int]
		for i := range tables {
			schemaName, table := name(i)
			require.NoError(t, n.Add(&schema.Table{Schema: schemaName, Name: table}, i))
			_, _ = n.Lookup(table)
			_, _ = n.Schema()
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for what, name := range map[string]func(int) (string, string){
		"distinct names": func(i int) (string, string) { return "shop", fmt.Sprint("table", i) },
		"the same name":  func(i int) (string, string) { return fmt.Sprint("schema", i), "orders" },
	} {
		fill(10, name)
		few, many := fill(1000, name), fill(4000, name)
		assert.LessOrEqual(t, many, 5*few, what)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	n := namesOf(t, [2]string{"shop", "orders"})
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = n.Lookup("orders") }))
}

func BenchmarkLookup(b *testing.B) {
	var n schema.Names[int]
	for i := range 1000 {
		if err := n.Add(&schema.Table{Schema: "shop", Name: fmt.Sprint("table", i)}, i); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"table500", "shop.table500"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := n.Lookup(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
