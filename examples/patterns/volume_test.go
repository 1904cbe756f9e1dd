package patterns_test

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

// For a source that is asked for what changed between two times. Look at End,
// taken once before the first request; EachWindow halves a window that is refused.
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
		since, now := may(1), may(3) // the cursor's start, and time.Now()
		for w := range (timewindow.Windows{Start: since, End: now, Step: 24 * time.Hour}).All() {
			between := url.Values{"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)}}
			request := transport.Request{Path: "/orders", Query: between, RecordsAt: "data"}
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

// For records that are found below others. Look at Families, which reads the items
// of four orders at a time, and yields the orders as they come, each with its
// items: after that an order is done with, and a cursor can go past it.
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

// For a source that is slow to answer and says how many pages it has. Look at
// Parallel, around PageNumber or Offset: the records still come in order.
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
		paging := transport.Parallel(paging.PageNumber{TotalPagesAt: "total_pages"}, 4)
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
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

// For a source whose pages follow from one another, and a loop that takes its
// time as well. Look at Prefetch, around any paging: it reads one page ahead.
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
		paging := transport.Prefetch(paging.PageToken{At: "meta.next_cursor", Param: "cursor"}, 1)
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
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

// For a report that the source makes in its own time. Look at Done and Failed,
// the statuses that end the wait, and at the format, here CSV, of the result.
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
		at := func(id string) string { return "/reports/" + url.PathEscape(id) }
		job := transport.Job{
			Create:      transport.Request{Method: "POST", Path: "/reports", Body: map[string]string{"kind": "orders"}},
			IDAt:          "id",
			Poll:        func(id string) transport.Request { return transport.Request{Path: at(id)} },
			StatusAt:      "status",
			Done:        []string{"done"},
			Failed:      []string{"failed", "expired"},
			ResultURLAt: "download_url",
			Delete:      func(id string) transport.Request { return transport.Request{Method: "DELETE", Path: at(id)} },
			Interval:    time.Millisecond, // leave it out: the default begins with a second
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
