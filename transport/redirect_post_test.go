package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// RFC 9110 §15.4.2 lets a client turn a POST into a GET, and does not ask for it. A
// GET of the new place may have other records.
func TestARedirectedPostIsNotAnsweredWithTheRecordsOfAGet(t *testing.T) {
	knownfault.Run(t, []string{"301", "302", "GraphQL, 301"}, func(t *knownfault.T) {
		for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			t.Run(fmt.Sprint(status), func(t *knownfault.T) {
				client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/search" {
						http.Redirect(w, r, "/search/", status)
						return
					}
					if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPost && len(body) > 0 {
						fmt.Fprint(w, `{"data":[{"id":1}]}`) // what the filter leaves
						return
					}
					fmt.Fprint(w, `{"data":[{"id":8},{"id":9}]}`)
				})
				got, err := collect(transport.Records[item](ctx, client, transport.Request{
					Method: "POST", Path: "/search", RecordsAt: "data", Body: map[string]any{"status": "open"}, Idempotent: true}, nil))
				if err == nil {
					assert.Equal(t, upTo(1), ids(got))
				}
			})
		}
		t.Run("GraphQL, 301", func(t *knownfault.T) {
			client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/graphql" {
					http.Redirect(w, r, "/graphql/", http.StatusMovedPermanently)
					return
				}
				nodes := ""
				if r.Method == http.MethodPost {
					nodes = `{"id":1}`
				}
				fmt.Fprintf(w, `{"data":{"shop":{"orders":{"nodes":[%s],"pageInfo":{"hasNextPage":false,"endCursor":"x"}}}}}`, nodes)
			})
			req := transport.GraphQL("/graphql", "query($after:String){shop{orders{nodes{id} pageInfo{hasNextPage endCursor}}}}", nil)
			req.RecordsAt = "data.shop.orders.nodes"
			got, err := collect(transport.Records[item](ctx, client, req, paging.Relay{At: "data.shop.orders"}))
			if err == nil {
				assert.Equal(t, upTo(1), ids(got))
			}
		})
	})
}
