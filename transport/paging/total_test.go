package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// Totals may be texts or written with a point (RFC 8259 §6), 0 may mean unknown, and
// search engines cap their totals and serve more records.
func TestATotalThatIsTooSmallDoesNotEndThePages(t *testing.T) {
	knownfault.Run(t, []string{"with a point", "0 for unknown", "capped"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name, total string
			mayFail     bool
		}{
			{"number", `5`, false},
			{"text", `"5"`, false},
			{"with a point", `5.0`, false},
			{"0 for unknown", `0`, false},
			{"with a separator", `"1,005"`, true},
			{"capped", `3`, false},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					offset := number(r, "offset")
					data, _ := json.Marshal(transporttest.IDRecords(offset+1, min(offset+2, 5)))
					fmt.Fprintf(w, `{"data":%s,"total":%s}`, data, c.total)
				})
				got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, paging.Offset{TotalAt: "total"}))
				if err == nil {
					assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))
				} else if !c.mayFail {
					t.Error(err)
				}
			})
		}
	})
}
