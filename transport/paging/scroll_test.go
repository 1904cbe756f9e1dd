package paging_test

import (
	"context"
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

func TestScrollIsReleasedAtTheEndAndWhenTheLoopIsLeft(t *testing.T) {
	var requests []string
	n := 0
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		requests = append(requests, r.Method+" "+r.RequestURI+" "+string(b))
		if r.Method == "DELETE" {
			return
		}
		n++
		transporttest.WriteItems(w, n, min(n, 3), `,"_scroll_id":"same"`)
	})
	paging := paging.Scroll{At: "_scroll_id", Path: "/scroll", Param: "scroll_id", InBody: true,
		ReleaseRequest: func(token string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/scroll/" + token}
		}}
	req := transport.Request{Method: "POST", Path: "/search", RecordsAt: "data", Query: url.Values{"scroll": {"1m"}}, Body: map[string]int{"size": 1}, Idempotent: true}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, `POST /scroll {"scroll_id":"same"}`, `POST /scroll {"scroll_id":"same"}`,
		`POST /scroll {"scroll_id":"same"}`, "DELETE /scroll/same "}, requests)

	// Leaving the loop releases the token too, even if the context has ended.
	requests, n = nil, 0
	cctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range transport.Records[transporttest.Item](cctx, c, req, paging) {
		cancel()
		break
	}
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, "DELETE /scroll/same "}, requests)
}
