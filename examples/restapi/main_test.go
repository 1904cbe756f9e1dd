package main

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// newShop serves a shop for one test and returns a connector that reads it.
func newShop(t *testing.T, config shop.Config) (*shop.Shop, *Connector) {
	t.Helper()
	config.APIKey = "key-0123456789"
	api := shop.New(config)
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return api, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 7}
}

func TestFirstSyncDeliversEverything(t *testing.T) {
	_, c := newShop(t, shop.Config{Customers: 20, Orders: 200})
	sync := connectortest.Sync(t, c)
	assert.Len(t, sync.Rows("customers"), 20)
	assert.Len(t, sync.Rows("orders"), 196)
	assert.Len(t, sync.Deletes("orders"), 4)
	orders := connectortest.Rows[Order](t, sync, "orders")
	assert.EqualValues(t, shop.FirstOrderID, orders[0].ID)
	assert.Regexp(t, `^\d+\.\d\d$`, orders[0].Total)
	items := connectortest.Rows[Item](t, sync, "order_items")
	assert.Equal(t, orders[0].ID, items[0].OrderID)
}

func TestSecondSyncDeliversChanges(t *testing.T) {
	api, c := newShop(t, shop.Config{Customers: 1, Orders: 100})
	first := connectortest.Sync(t, c)
	api.Touch(3)
	api.Delete(5)
	second := connectortest.Sync(t, c, connectortest.From(first.State))
	orders := connectortest.Rows[Order](t, second, "orders")
	assert.EqualValues(t, shop.FirstOrderID+3, orders[len(orders)-1].ID)
	assert.LessOrEqual(t, len(orders), 1+7, "the changed order, and those with the same time as the cursor")
	assert.JSONEq(t, `{"id":9007199254740998}`, string(second.Deletes("orders")[0]))
}

func TestTestReportsAWrongKey(t *testing.T) {
	_, c := newShop(t, shop.Config{})
	require.NoError(t, c.Open(t.Context()))
	require.NoError(t, c.Test(t.Context()))

	c.APIKey = "wrong-0123456789"
	require.NoError(t, c.Open(t.Context()))
	err := c.Test(t.Context())
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	require.ErrorContains(t, err, "401 Unauthorized")
	assert.NotContains(t, err.Error(), "wrong-0123456789")
}

func TestNothingIsLostBetweenAnyTwoCheckpoints(t *testing.T) {
	_, c := newShop(t, shop.Config{Customers: 3, Orders: 60})
	whole := connectortest.Sync(t, c)
	want := keys(t, whole.Operations)
	for i, op := range whole.Operations {
		if op.Kind != host.OpCheckpoint {
			continue
		}
		// A sync that dies here, and another one that resumes from its last state.
		rest := connectortest.Sync(t, c, connectortest.From(op.State))
		assert.Equal(t, want, keys(t, append(whole.Operations[:i:i], rest.Operations...)), "resumed after operation %d", i)
	}
}

// keys returns the primary keys of the orders and items that a platform has after the
// operations. The value is OpUpsert if it has the row, and OpDelete if the row was
// deleted.
func keys(t *testing.T, operations []*host.Operation) map[string]host.OperationKind {
	t.Helper()
	found := map[string]host.OperationKind{}
	for _, op := range operations {
		if op.Kind != host.OpUpsert && op.Kind != host.OpDelete || op.Table.Name == "customers" {
			continue
		}
		var key struct {
			ID      int64 `json:"id"`
			OrderID int64 `json:"order_id"`
			Line    int   `json:"line"`
		}
		require.NoError(t, json.Unmarshal(op.Row, &key))
		name, err := json.Marshal(key)
		require.NoError(t, err)
		found[op.Table.Name+string(name)] = op.Kind
	}
	return found
}

func TestASyncSurvivesRequestsThatFail(t *testing.T) {
	api, c := newShop(t, shop.Config{Customers: 20, Orders: 100, Faults: 0.2, Seed: 11})
	sync := connectortest.Sync(t, c)
	assert.Positive(t, api.Faults())
	assert.Len(t, sync.Rows("customers"), 20)
	assert.Len(t, sync.Rows("orders"), 98)
	assert.Len(t, sync.Deletes("orders"), 2)
}

func TestADeselectedTableIsNotFetched(t *testing.T) {
	api, c := newShop(t, shop.Config{Customers: 20, Orders: 100})
	selection, err := stdin.ParseSelection([]byte(`{"shop":{"orders":false,"order_items":false}}`))
	require.NoError(t, err)
	sync := connectortest.Sync(t, c, connectortest.Select(selection))
	assert.Len(t, sync.Rows("customers"), 20)
	assert.Empty(t, sync.Rows("orders"))
	assert.EqualValues(t, 3, api.Requests(), "the pages of customers")
}
