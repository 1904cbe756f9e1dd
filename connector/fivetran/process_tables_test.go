//go:build unix

package fivetran_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// syncWhole runs a sync from the state of the warehouse, which must succeed.
func (w *warehouse) syncWhole(t testing.TB, client *grpcClient, configuration map[string]string) {
	t.Helper()
	stream := client.sync(t, configuration, w.state)
	require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) }))
	require.Empty(t, w.pending, "the last message is a checkpoint")
}

func TestTheTablesOfTheShopEqualThoseOfTheStdinWire(t *testing.T) {
	t.Parallel()
	api, configuration := serveShop(t, shop.Config{Customers: 120, Orders: 4500, Faults: 0.1})
	client := dial(t, serveBuilt(t, "restapi").address)
	known := client.schema(t, configuration)
	got, want := newWarehouse(known), newWarehouse(known)

	got.syncWhole(t, client, configuration)
	want.syncOverStdin(t, builtCommand(t, "restapi"), configuration)
	got.wantTables(t, want)
	assert.Equal(t, want.state, got.state)
	assert.Equal(t, want.records, got.records)
	assert.Equal(t, map[string]int{"customers": 120, "orders": 4410, "order_items": len(want.tables["order_items"])}, got.counts())
	assert.Greater(t, len(want.tables["order_items"]), 4410)
	assert.NotZero(t, api.Faults())
	assert.Contains(t, got.tables["orders"], "id long 9007199254740993")

	for _, order := range []int{0, 3, 250, 4499} {
		api.Touch(order)
	}
	for _, order := range []int{5, 250, 4498} {
		api.Delete(order)
	}
	first := got.records
	got.syncWhole(t, client, configuration)
	want.syncOverStdin(t, builtCommand(t, "restapi"), configuration)
	got.wantTables(t, want)
	assert.Equal(t, want.state, got.state)
	assert.Equal(t, 4407, got.counts()["orders"])
	assert.Less(t, got.records-first, 120+100, "the second sync delivers the changes only")
}

func TestTheTablesOfAllTypesEqualThoseOfTheStdinWire(t *testing.T) {
	t.Parallel()
	client := dial(t, serveBuilt(t, "types").address)
	known := client.schema(t, map[string]string{"step": "1"})
	got, want := newWarehouse(known), newWarehouse(known)
	for _, step := range []string{"1", "2"} {
		configuration := map[string]string{"step": step}
		got.syncWhole(t, client, configuration)
		want.syncOverStdin(t, builtCommand(t, "types"), configuration)
		got.wantTables(t, want)
		assert.Equal(t, want.state, got.state)
		assert.Equal(t, want.records, got.records)
	}
	assert.Equal(t, map[string]int{"values": 15, "events": 4, "snapshot": 3}, got.counts())
	kinds := map[string]bool{}
	for _, row := range got.tables["values"] {
		for _, text := range row {
			kind, _, _ := strings.Cut(text, " ")
			kinds[kind] = true
		}
	}
	for _, kind := range kindNames {
		assert.True(t, kinds[kind], "no value has the type %s", kind)
	}
	assert.True(t, kinds["null"])
	highest := got.tables["values"]["id long 9223372036854775807, part string É 漢 🎁"]
	assert.Equal(t, `json {"n":9007199254740993,"d":1.50,"e":-0.10e-7,"t":"a\"\\\né","deep":[[{"a":[null,true,{"b":{}}]}],[]]}`, highest["c_json"])
	assert.Equal(t, "decimal 0.100000000", highest["c_decimal"])
	nanoseconds := got.tables["values"]["id long 12, part string nanoseconds"]
	assert.Equal(t, "instant 2026-01-02T03:04:05.123456789", nanoseconds["c_utc_datetime"])
}

func TestUndeclaredColumnsAndSeveralSchemasEqualThoseOfTheStdinWire(t *testing.T) {
	t.Parallel()
	client := dial(t, serveProgram(t, "undeclared").address)
	known := client.schema(t, nil)
	require.NotNil(t, known.Tables.WithSchema)
	got, want := newWarehouse(known), newWarehouse(known)
	got.syncWhole(t, client, nil)
	want.syncOverStdin(t, fixture.Program(t, "undeclared", "shop"), nil)
	got.wantTables(t, want)
	assert.Equal(t, want.state, got.state)
	assert.Equal(t, map[string]int{"east.rows": 6, "west.rows": 1}, got.counts())
}
