package paging_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestFuncReadsPagesUntilItReturnsAReasonToStop(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Path)
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"more":%v`, n < 4))
	})
	paging := paging.Func(func(p *transport.Page) (transport.Request, string, error) {
		if more, err := p.Text("more"); err != nil || more != "true" {
			return transport.Request{}, "more is " + more, err
		}
		req, err := p.Follow(p.URL.Path + "x")
		return req, "", err
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(4), transporttest.IDs(got))
}
