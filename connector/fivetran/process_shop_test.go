//go:build unix

package fivetran_test

import (
	"net/http/httptest"
	"testing"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// shopKey is the key of the API.
const shopKey = "key-0123456789"

// serveShop starts an API and returns the configuration of a connector that reads it.
func serveShop(t testing.TB, config shop.Config) (*shop.Shop, map[string]string) {
	t.Helper()
	config.APIKey = shopKey
	api := shop.New(config)
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return api, map[string]string{"api_key": shopKey, "base_url": srv.URL}
}
