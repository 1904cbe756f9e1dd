package paging_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestPageTokenSendsTheTokenOfEachPageUntilThereIsNone(t *testing.T) {
	var broken bool
	var paths []string
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.RawQuery)
		n := number(r, "cursor")
		next, more := fmt.Sprint(n+1), "true"
		if n == 2 {
			next, more = "null", "false"
		}
		if broken {
			next = `""`
		}
		transporttest.WriteItems(w, n+1, n+1, fmt.Sprintf(`,"meta":{"next":%s},"has_more":%s`, next, more))
	})
	req := transport.Request{RecordsAt: "data", Query: url.Values{"since": {"x"}}}
	for _, p := range []transport.Paging{paging.PageToken{At: "meta.next", Param: "cursor"}, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "has_more"}} {
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, p))
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	}
	assert.Equal(t, []string{"since=x", "cursor=1&since=x", "cursor=2&since=x"}, paths[:3])
	broken = true // more pages, but no token
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "has_more"}))
	assert.ErrorContains(t, err, "has_more is true, but meta.next is")
	assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "more"}))
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{}))
	assert.ErrorContains(t, err, "required")
}
