package paging_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestPagingInTheBodySetsAMemberAndKeepsTheRest(t *testing.T) {
	var bodies []string
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		n := len(bodies)
		next := fmt.Sprintf("[%d,\"x\"]", n)
		if n == 3 {
			next = "null"
		}
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"sort":%s,"pages":3,"total":3`, next))
	})
	type query struct {
		Q  string `json:"q"`
		ID int64  `json:"id"`
	}
	for _, tt := range []struct {
		paging transport.Paging
		body   any
		want   []string
	}{
		{paging.PageToken{At: "sort", Param: "search_after", InBody: true}, query{"a", 9007199254740993},
			[]string{`{"q":"a","id":9007199254740993}`, `{"id":9007199254740993,"q":"a","search_after":[1,"x"]}`, `{"id":9007199254740993,"q":"a","search_after":[2,"x"]}`}},
		{paging.PageNumber{Param: "page.number", TotalPagesAt: "pages", InBody: true}, json.RawMessage(`{"page":{"size":1}}`),
			[]string{`{"page":{"number":1,"size":1}}`, `{"page":{"number":2,"size":1}}`, `{"page":{"number":3,"size":1}}`}},
		{paging.Offset{Param: "from", TotalAt: "total", InBody: true}, nil, []string{`{"from":0}`, `{"from":1}`, `{"from":2}`}},
		{paging.Keyset{KeyAt: "id", Param: "after.id", InBody: true, MoreAt: "sort"}, nil, nil},
	} {
		bodies = nil
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Method: "POST", RecordsAt: "data", Body: tt.body}, tt.paging))
		if tt.want == nil {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
		assert.Equal(t, tt.want, bodies)
	}
	for _, body := range []any{url.Values{}, []int{1}, "null", "{"} {
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Method: "POST", RecordsAt: "data", Body: body}, paging.Offset{InBody: true}))
		assert.ErrorContains(t, err, "paging in the body", body)
	}
}
