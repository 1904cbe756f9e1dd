package shop_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestAPageTokenRemainsValidAfterARestart(t *testing.T) {
	config := shop.Config{APIKey: "k", Orders: 50, Seed: 7}
	_, body, err := serve(t, shop.New(config)).get(http.MethodGet, "/orders?limit=20", "k")
	require.NoError(t, err)
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal(body, &page))
	rest, _ := serve(t, shop.New(config)).walk(page.Next, nothing)
	require.Len(t, rest, 30)
	assert.EqualValues(t, shop.FirstOrderID+20, rest[0].ID)
}

func TestAnAlteredPageTokenIsRefused(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 50}))
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal([]byte(c.page("/orders?limit=20")), &page))
	next, err := url.Parse(page.Next)
	require.NoError(t, err)
	token := next.Query().Get("page_token")
	for i := range token {
		for _, bad := range []string{token[:i], token[:i] + "-" + token[i+1:], token[:i] + "\n" + token[i:], token[:i] + token[i+1:]} {
			if bad == token {
				continue
			}
			resp, _, err := c.get(http.MethodGet, "/orders?page_token="+url.QueryEscape(bad), "k")
			require.NoError(t, err)
			require.Equal(t, http.StatusBadRequest, resp.StatusCode, "%q for %q", bad, token)
		}
	}
}
