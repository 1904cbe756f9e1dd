package paging_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestRelayReadsAConnectionOfGraphQL(t *testing.T) {
	var bad bool
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Query     string
			Variables struct {
				After string
				First int
			}
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&in))
		assert.Equal(t, 1, in.Variables.First)
		n := len(in.Variables.After) + 1
		if bad {
			_, _ = io.WriteString(w, `{"data":{"shop":null},"errors":[{"message":"throttled"}]}`)
			return
		}
		fmt.Fprintf(w, `{"data":{"shop":{"orders":{"edges":[{"node":{"id":%d}}],"pageInfo":{"hasNextPage":%v,"endCursor":"%s"}}}},"errors":[]}`, n, n < 3, "xxxx"[:n])
	})
	req := transport.GraphQL("/graphql", "query($after:String){...}", map[string]any{"first": 1})
	req.RecordsAt = "data.shop.orders.edges.*.node"
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop.orders"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop"}))
	assert.ErrorContains(t, err, "pageInfo is missing")
	bad = true
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop.orders"}))
	assert.ErrorIs(t, err, transport.ErrReported)
	assert.ErrorContains(t, err, "throttled")
}

func TestRelayAcceptsAPathOfEachKind(t *testing.T) {
	for _, at := range []string{"data.shop", "$.data.shop", "$['data']['shop']", "/data/shop"} {
		c := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			second := strings.Contains(string(body), `"after":"a"`)
			fmt.Fprintf(w, `{"data":{"shop":{"nodes":[{"id":%d}],"pageInfo":{"hasNextPage":%v,"endCursor":"a"}}}}`, map[bool]int{false: 1, true: 2}[second], !second)
		})
		req := transport.GraphQL("/graphql", "query($after:String){...}", nil)
		req.RecordsAt = "data.shop.nodes"
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: at}))
		require.NoError(t, err, at)
		assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got), at)
	}
}
