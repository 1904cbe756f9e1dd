package main_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestDiffPrintsTheChangesOfTheLastSync(t *testing.T) {
	api := shop.New(shop.Config{APIKey: "demo", Customers: 3, Orders: 100})
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	b := newBench(t, fmt.Sprintf(`{"api_key":"demo","base_url":%q}`, srv.URL))
	out, failed := b.penstock("sync", "--", program("restapi"))
	require.False(t, failed, out)
	out, failed = b.penstock("diff")
	assert.True(t, failed)
	assert.Contains(t, out, "there is nothing to compare with")
	api.Touch(8)
	api.Delete(11)
	b.penstock("sync", "--", program("restapi"))
	out, failed = b.penstock("diff")
	require.False(t, failed, out)
	assert.Contains(t, out, "shop.orders: 0 rows added, 1 changed, 1 gone")
	assert.Contains(t, out, "shop.customers: 0 rows added, 0 changed, 0 gone")
	assert.Regexp(t, `(?m)^changed +9007199254741001 `, out)
	assert.Regexp(t, `(?m)^was +9007199254741001 `, out)
	assert.Regexp(t, `(?m)^gone +9007199254741004 `, out)
}
