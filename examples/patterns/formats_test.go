package patterns_test

import (
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

// The response has one JSON value per line. Stream holds one record in memory at a time,
// so the response may be of any size.
func Example_ndjson() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders.ndjson"}
		for order, err := range transport.Stream[Order](ctx, client, request, format.NDJSON{}) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, ndjson)
	// Output:
	// 1 19.90
	// 2 5.00
}

// The response is a table. By default, CSV reads cells separated by commas, in UTF-8, with
// a header in the first row. The json tags of the struct are the names in the header.
func Example_csvExport() {
	type Order struct {
		ID       int64  `json:"Order No."`
		Customer string `json:"Customer"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders.csv"}
		table := format.CSV{Comma: ';', Charset: "windows-1252"}
		for order, err := range transport.Stream[Order](ctx, client, request, table) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Customer)
		}
		return nil
	}
	run(read, csvExport)
	// Output:
	// 1 Zoë
	// 2 Jürgen
}

// The source writes a dialect of CSV: here that of a database, with tabs, without quotes,
// with \N for null, and with a line of text before the header and after the last row. Rows
// may lack cells at the end, which would be an error without Ragged.
func Example_csvDialect() {
	type Order struct {
		ID   int64   `json:"id"`
		Note *string `json:"note"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders.tsv"}
		table := format.CSV{
			Comma: '\t', Quote: format.NoQuote, Escape: '\\', Null: []string{`\N`},
			SkipLines: 1, SkipFooter: 1, Ragged: format.RaggedPad,
		}
		for order, err := range transport.Stream[Order](ctx, client, request, table) {
			if err != nil {
				return err
			}
			if order.Note == nil {
				fmt.Println(order.ID, "has no note")
				continue
			}
			fmt.Printf("%d %q\n", order.ID, *order.Note)
		}
		return nil
	}
	run(read, databaseExport)
	// Output:
	// 1 "5\" screen\tred"
	// 2 has no note
	// 3 has no note
}

// The response is XML. At names the elements from the root to the record. The tags of the
// struct are those of encoding/xml.
func Example_xml() {
	type Order struct {
		ID    int64  `xml:"id,attr"`
		Total string `xml:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders.xml"}
		for order, err := range transport.Stream[Order](ctx, client, request, format.XML{At: "shop.orders.order"}) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, xmlOrders)
	// Output:
	// 1 19.90
	// 2 5.00
}

// The response is a compressed file, such as orders.csv.gz. Gzip wraps the format of the
// file. Responses with a Content-Encoding are decompressed without it.
func Example_gzipped() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders.csv.gz"}
		for order, err := range transport.Stream[Order](ctx, client, request, format.Gzip(format.CSV{})) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, gzipped)
	// Output:
	// 1 19.90
	// 2 5.00
}
