package patterns_test

import (
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

// For an answer with a JSON value on each line. Look at Stream in place of
// Records: the answer may be of any size, because one record is held at a time.
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

// For a table in text form. Look at CSV's fields, whose defaults are commas, UTF-8
// and a header in the first row; the row struct takes the columns by json names.
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
		format := format.CSV{Comma: ';', Charset: "windows-1252"}
		for order, err := range transport.Stream[Order](ctx, client, request, format) {
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

// For XML. Look at At, which names the elements from the root on, and at the row
// struct, whose tags are those of encoding/xml.
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

// For a file that is compressed as such, like orders.csv.gz. Look at Gzip, around
// the format of what is in it; an answer that HTTP compresses needs nothing.
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
