package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// The tables of a source whose lists overlap in their keys, and whose vouchers do not say
// which stall they belong to.
type (
	stall struct {
		ID       int64     `json:"id" schema:"primary_key"`
		Name     string    `json:"name"`
		Vouchers []voucher `json:"vouchers" schema:"-"`
	}
	guest struct {
		ID    int64  `json:"id" schema:"primary_key"`
		Email string `json:"email"`
	}
	voucher struct {
		StallID  int64          `json:"stall_id" schema:"primary_key"`
		Number   int64          `json:"number" schema:"primary_key"`
		Price    schema.Decimal `json:"price"`
		IssuedTo string         `json:"issuedTo"` // the source has issued_to
		To       string         `json:"issued_to" schema:"-"`
	}
)

// serveFair serves 4 stalls and 4 guests, two on a page, and 3 vouchers of each stall, both
// in the stall and as a list of their own.
func serveFair() http.Handler {
	type object = map[string]any
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all []any
		vouchers := func(stall int) (list []any) {
			for n := range 3 {
				list = append(list, object{"number": n + 1, "issued_to": fmt.Sprint("guest ", stall, n), "price": schema.Decimal(fmt.Sprintf("1234567890123456%d.%d9", stall, n))})
			}
			return list
		}
		path := strings.Split(r.URL.Path, "/")
		switch {
		case path[len(path)-1] == "vouchers":
			id, _ := strconv.Atoi(path[2])
			all = vouchers(id)
		case r.URL.Path == "/stalls" || r.URL.Path == "/guests":
			for id := 1; id <= 4; id++ {
				all = append(all, object{"id": id, "name": fmt.Sprint("stall ", id), "vouchers": vouchers(id)})
			}
			if r.URL.Path == "/guests" {
				for i := range all {
					all[i] = object{"id": i + 1, "email": fmt.Sprintf("%d@guests.test", i+1)}
				}
			}
		default:
			http.NotFound(w, r)
			return
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("from"))
		page := object{"data": all[from:min(from+2, len(all))], "next": nil}
		if from+2 < len(all) {
			page["next"] = fmt.Sprintf("%s?from=%d", r.URL.Path, from+2)
		}
		writeJSON(w, page)
	})
}

// deliverRecords delivers the records at a path.
func deliverRecords[T any](ctx context.Context, api *transport.Client, out connector.Emitter, table, path string, pages transport.Paging, set func(*T)) error {
	for row, err := range transport.Records[T](ctx, api, transport.Request{Path: path, RecordsAt: "data"}, pages) {
		if err != nil {
			return err
		}
		if set != nil {
			set(&row)
		}
		if err := out.Upsert(table, row); err != nil {
			return err
		}
	}
	return nil
}

// unreadAtTheFair returns the report of Unread for a connector.
func unreadAtTheFair(t *testing.T, sync func(ctx context.Context, api *transport.Client, out connector.Emitter) error) *connectortest.Report {
	t.Helper()
	c := readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		return sync(ctx, api, out)
	})
	c.tables = []schema.Table{schema.TableOf[stall]("stalls"), schema.TableOf[guest]("guests"), schema.TableOf[voucher]("vouchers")}
	return connectortest.Record(t, c, connectortest.Source(serveFair), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
}

var everyPage = paging.NextURL{At: "next"}

func TestAKeyInAnotherTableIsNotARecordThatWasRead(t *testing.T) {
	t.Parallel()
	r := unreadAtTheFair(t, func(ctx context.Context, api *transport.Client, out connector.Emitter) error {
		return errors.Join(deliverRecords[stall](ctx, api, out, "stalls", "/stalls", everyPage, nil),
			deliverRecords[guest](ctx, api, out, "guests", "/guests", paging.SinglePage{}, nil))
	})
	assert.Contains(t, r.String(), "GET /guests: the response names a next page in the member next, but the sync did not request it; that page has 2 records that the sync did not read, such as\n    {\"email\":\"3@guests.test\",\"id\":3}")
	assert.Len(t, r.Failures, 1)
}

// The path of the vouchers has the key of their stall, and the vouchers do not.
func TestRecordsWithoutTheKeyOfTheirParentAreCompared(t *testing.T) {
	t.Parallel()
	read := func(pages transport.Paging, set func(*voucher)) *connectortest.Report {
		return unreadAtTheFair(t, func(ctx context.Context, api *transport.Client, out connector.Emitter) error {
			err := deliverRecords[stall](ctx, api, out, "stalls", "/stalls", everyPage, nil)
			for id := int64(1); id <= 4 && err == nil; id++ {
				err = deliverRecords(ctx, api, out, "vouchers", fmt.Sprintf("/stalls/%d/vouchers", id), pages, func(row *voucher) {
					row.StallID, row.IssuedTo = id, row.To
					set(row)
				})
			}
			return err
		})
	}
	assert.Empty(t, read(everyPage, func(*voucher) {}).Failures)
	assert.Contains(t, read(paging.SinglePage{}, func(*voucher) {}).String(), "GET /stalls/1/vouchers: the response names a next page in the member next, but the sync did not request it; that page has 1 records that the sync did not read, such as\n    {")
	assert.Contains(t, read(everyPage, func(row *voucher) { row.IssuedTo = "" }).String(), "table s.vouchers: column issuedTo has no value in any row")
	assert.Contains(t, read(everyPage, func(row *voucher) {
		f, _ := strconv.ParseFloat(string(row.Price), 64)
		row.Price = schema.Decimal(strconv.FormatFloat(f, 'f', 2, 64))
	}).String(), ": 12345678901234561.09 of the source arrives as 12345678901234562.00")
}

// The vouchers are in their stall.
func TestRecordsInTheirParentAreCompared(t *testing.T) {
	t.Parallel()
	read := func(set func(*voucher)) *connectortest.Report {
		return unreadAtTheFair(t, func(ctx context.Context, api *transport.Client, out connector.Emitter) error {
			return deliverRecords(ctx, api, out, "stalls", "/stalls", everyPage, func(row *stall) {
				for i := range row.Vouchers {
					row.Vouchers[i].StallID, row.Vouchers[i].IssuedTo = row.ID, row.Vouchers[i].To
					set(&row.Vouchers[i])
					_ = out.Upsert("vouchers", row.Vouchers[i])
				}
			})
		})
	}
	assert.Empty(t, read(func(*voucher) {}).Failures)
	assert.Contains(t, read(func(row *voucher) { row.IssuedTo = "" }).String(), "table s.vouchers: column issuedTo has no value in any row")
}
