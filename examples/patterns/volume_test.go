package patterns_test

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/timewindow"
	"github.com/penstock-sdk/penstock/transport/value"
)

// Each request returns the records that changed between two times. Read the clock once,
// before the first request, so that changes during the sync are left to the next one. If
// the source refuses windows with too many records, add a rule with DoSplit and use
// timewindow.Each, which divides them.
func Example_timeWindows() {
	type Order struct {
		ID        int64     `json:"id"`
		UpdatedAt time.Time `json:"updated_at"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		since, now := may(1), may(3) // the cursor of the last sync, and time.Now()
		windows := timewindow.Windows{Start: since, End: now, Step: 24 * time.Hour}
		for w := range windows.All() {
			query := url.Values{"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)}}
			request := transport.Request{Path: "/orders", Query: query, RecordsAt: "data"}
			for order, err := range transport.Records[Order](ctx, client, request, nil) {
				if err != nil {
					return err
				}
				fmt.Println(order.ID, order.UpdatedAt.Format(time.DateTime))
			}
		}
		return nil
	}
	run(read, oneDayAtMost)
	// Output:
	// 1 2026-05-01 09:00:00
	// 2 2026-05-02 00:00:00
}

// The records belong to other records and are requested for each of them. Families reads
// the items of four orders at a time and yields the orders in order, each with all of its
// items. A cursor may advance past an order once it has been delivered.
func Example_parentChild() {
	type Order struct{ ID int64 }
	type Item struct{ SKU string }
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		itemsOf := func(ctx context.Context, order Order) iter.Seq2[Item, error] {
			request := transport.Request{Path: fmt.Sprintf("/orders/%d/items", order.ID), RecordsAt: "data"}
			return transport.Records[Item](ctx, client, request, nil)
		}
		orders := transport.Records[Order](ctx, client, transport.Request{Path: "/orders", RecordsAt: "data"}, nil)
		for order, err := range children.Families(ctx, orders, 4, itemsOf) {
			if err != nil {
				return err
			}
			for _, item := range order.Children {
				fmt.Println(order.Parent.ID, item.SKU)
			}
		}
		return nil
	}
	run(read, itemsOfOrders)
	// Output:
	// 1 pen
	// 2 pen
	// 2 ink
}

// The source responds slowly and reports the number of its pages. Parallel requests four
// pages at a time, for PageNumber or Offset. The records arrive in order.
func Example_parallelPages() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", Query: url.Values{"per_page": {"1"}}, RecordsAt: "data"}
		pages := transport.Parallel(paging.PageNumber{TotalPagesAt: "total_pages"}, 4)
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, numbered)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// Each page leads to the next, and both the source and the loop take time. Prefetch
// requests the next page while the loop processes this one, for any paging.
func Example_prefetch() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		pages := transport.Prefetch(paging.PageToken{At: "meta.next_cursor", Param: "cursor"}, 1)
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, cursor)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// The source creates reports in the background. Done and Failed are the statuses that end
// the wait. The last argument of Report is the format of the result.
func Example_asyncReport() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		path := func(id string) string { return "/reports/" + url.PathEscape(id) }
		job := transport.Job{
			Create:      transport.Request{Method: "POST", Path: "/reports", Body: map[string]string{"kind": "orders"}},
			IDAt:        "id",
			Poll:        func(id string) transport.Request { return transport.Request{Path: path(id)} },
			StatusAt:    "status",
			Done:        []string{"done"},
			Failed:      []string{"failed", "expired"},
			ResultURLAt: "download_url",
			Delete:      func(id string) transport.Request { return transport.Request{Method: "DELETE", Path: path(id)} },
			Interval:    time.Millisecond, // for this example; the default is 1 second
		}
		for order, err := range transport.Report[Order](ctx, client, job, format.CSV{}) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, reports())
	// Output:
	// 1 19.90
	// 2 5.00
}

// The source writes the result of a query to a CSV file in the background. The cells of
// the file are text. A TextConverter converts them to the types of a table, which may be
// known only at run time. For a struct, pass its type to Report instead.
func Example_bulkExport() {
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		orders := schema.Table{Name: "orders", Columns: []schema.Column{
			{Name: "Id", Type: schema.TypeString, PrimaryKey: true},
			{Name: "Amount", Type: schema.TypeDecimal}, {Name: "IsPaid", Type: schema.TypeBoolean},
			{Name: "CreatedDate", Type: schema.TypeUTCDatetime},
		}}
		texts := schema.NewTextConverter(&orders)
		texts.ParseTime = func(text string) (time.Time, error) { return value.ParseTime(text, "2006-01-02T15:04:05.000-0700") }
		query := map[string]string{"query": "SELECT Id, Amount, IsPaid, CreatedDate FROM Order"}
		path := func(id string) string { return "/jobs/" + url.PathEscape(id) }
		job := transport.Job{
			Create: transport.Request{Method: "POST", Path: "/jobs", Body: query}, IDAt: "id",
			Poll:     func(id string) transport.Request { return transport.Request{Path: path(id)} },
			StatusAt: "state", Done: []string{"JobComplete"}, Failed: []string{"Failed", "Aborted"}, ReasonAt: "errorMessage",
			Result:   func(id string) transport.Request { return transport.Request{Path: path(id) + "/results"} },
			Interval: time.Millisecond, // for this example; the default is 1 second
		}
		for record, err := range transport.Report[map[string]any](ctx, client, job, format.CSV{}) {
			if err != nil {
				return err
			}
			row, err := texts.Convert(record)
			if err != nil {
				return err
			}
			fmt.Println(row) // out.Upsert("orders", row)
		}
		return nil
	}
	run(read, bulkJobs())
	// Output:
	// map[Amount:19.90 CreatedDate:2026-05-01 09:00:00 +0000 UTC Id:801A IsPaid:true]
	// map[Amount:<nil> CreatedDate:<nil> Id:801B IsPaid:false]
}
