package connectortest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/transport"
)

func TestRecordsThatBecomeNoRowAreLogged(t *testing.T) {
	t.Parallel()
	sync := func(leaveOut bool) string {
		r := unreadAtTheFair(t, func(ctx context.Context, api *transport.Client, out connector.Emitter) error {
			for s, err := range transport.Records[stall](ctx, api, transport.Request{Path: "/stalls", RecordsAt: "data"}, everyPage) {
				if err != nil {
					return err
				}
				if leaveOut && s.ID > 2 {
					break // the last page
				}
				if err := out.Upsert("stalls", s); err != nil {
					return err
				}
				for _, v := range s.Vouchers {
					v.StallID = s.ID
					emit := out.Upsert
					if v.Number == 3 {
						emit = out.Delete
					}
					if err := emit("vouchers", v); err != nil {
						return err
					}
				}
			}
			return deliverRecords[guest](ctx, api, out, "guests", "/guests", everyPage, nil)
		})
		return strings.Join(r.Logs, "\n")
	}
	assert.NotContains(t, sync(false), "in no row")
	assert.Contains(t, sync(true), "GET /stalls: 2 of 4 records are in no row of table s.stalls, such as {\"id\":3")
}

func TestRecordsThatTheSourceCallsDeletedAreNotRows(t *testing.T) {
	t.Parallel()
	source := withKey(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":1,"name":"A","deleted_at":null},{"id":2,"name":"B","deleted_at":"2026-03-01"}]`)
	})
	logs := func(c connector.Connector) string {
		r := connectortest.Record(t, c, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
		assert.Empty(t, r.Failures)
		return strings.Join(r.Logs, "\n")
	}
	type named struct {
		ID   int64  `json:"id" schema:"primary_key"`
		Name string `json:"name"`
	}
	type marked struct {
		named
		DeletedAt *string `json:"deleted_at"`
	}
	assert.Contains(t, logs(&apiRows[named]{Key: apiKey}), "table s.items: 1 records whose member deleted_at is set became rows, and no column has the member: call Emitter.Delete for them")
	assert.NotContains(t, logs(&apiRows[marked]{Key: apiKey}), "deleted_at")
}
