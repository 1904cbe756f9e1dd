package format_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/value"
)

// An Order is a record of the examples.
type Order struct {
	ID    int64  `json:"id"`
	Total string `json:"total"`
}

func ExampleDecode() {
	file := strings.NewReader(`{"orders":[{"id":1,"total":"19.90"}]}`)
	for order, err := range format.Decode[Order](file, format.JSON{At: "orders"}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output: 1 19.90 <nil>
}

func ExampleJSON() {
	export := strings.NewReader(`{"meta":{"count":2},"orders":[{"id":1,"total":"19.90"},{"id":2,"total":"5.00"}]}`)
	for order, err := range format.Decode[Order](export, format.JSON{At: "orders"}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// A path that is not found is an error.
	for _, err := range format.Decode[Order](strings.NewReader(`{"items":[]}`), format.JSON{At: "orders"}) {
		fmt.Println(err)
	}
	// Output:
	// 1 19.90 <nil>
	// 2 5.00 <nil>
	// no records at the path "orders": there is an object with the keys items
}

// A connector that reads files passes the context of its sync, so that the user of the
// platform is warned of a null that is lost. A pointer keeps it.
func ExampleDecodeContext() {
	type Line struct {
		ID    int64  `json:"id"`
		Count *int64 `json:"count"`
	}
	sync := func(ctx context.Context, file io.Reader) error {
		for line, err := range format.DecodeContext[Line](ctx, file, format.NDJSON{}) {
			if err != nil {
				return err
			}
			fmt.Println(line.ID, line.Count == nil)
		}
		return nil
	}
	fmt.Println(sync(context.Background(), strings.NewReader(`{"id":1,"count":null}`)))
	// Output:
	// 1 true
	// <nil>
}

// Each is for code that calls a function for each record, with a size limit for records.
// The error that it passes to the function is always nil.
func ExampleEach() {
	const maxRecord = 1 << 20 // bytes
	err := format.Each(strings.NewReader("{\"id\":1}\n{\"id\":2}\n"), format.NDJSON{}, maxRecord, func(order Order) bool {
		fmt.Println(order.ID)
		return true
	})
	fmt.Println(err)
	// Output:
	// 1
	// 2
	// <nil>
}

func ExampleNDJSON() {
	for order, err := range format.Decode[Order](strings.NewReader("{\"id\":1}\n{\"id\":2}\n"), format.NDJSON{}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleCSV() {
	file := strings.NewReader("4711;1.234,50\n")
	for row, err := range format.Decode[map[string]string](file, format.CSV{Comma: ';', Header: []string{"id", "amount"}}) {
		amount, _ := value.ParseNumber(row["amount"], ',')
		fmt.Println(row["id"], amount, err)
	}
	// A row that does not fit the header is an error.
	for _, err := range format.Decode[map[string]string](strings.NewReader("a,b\n1\n"), format.CSV{}) {
		fmt.Println(err)
	}
	// Output:
	// 4711 1234.50 <nil>
	// line 2: the row has 1 cell, but the header has 2 columns: set Ragged of format.CSV to pad or skip such rows
}

// The fields describe the dialect: here that of SELECT ... INTO OUTFILE in MySQL.
func ExampleCSV_dialect() {
	file := strings.NewReader("1\tred\\\tgreen\n2\t\\N\n")
	dialect := format.CSV{Comma: '\t', Quote: format.NoQuote, Escape: '\\', Null: []string{`\N`}, Header: []string{"id", "colors"}}
	for row, err := range format.Decode[map[string]any](file, dialect) {
		fmt.Printf("%v %q %v\n", row["id"], fmt.Sprint(row["colors"]), err)
	}
	// Output:
	// 1 "red\tgreen" <nil>
	// 2 "<nil>" <nil>
}

// Ragged pads rows that lack cells. SkipLines and SkipFooter skip what surrounds the table.
func ExampleRagged() {
	report := strings.NewReader("Sales of May\nid,total\n1,19.90\n2\n3,5.00\n--- end of report ---\n")
	err := format.Each(report, format.CSV{SkipLines: 1, SkipFooter: 1, Ragged: format.RaggedPad}, 1<<20, func(row map[string]any) bool {
		fmt.Println(row["id"], row["total"])
		return true
	})
	fmt.Println(err)
	// Output:
	// 1 19.90
	// 2 <nil>
	// 3 5.00
	// <nil>
}

func ExampleXML() {
	file := strings.NewReader(`<orders><order id="1"><total>19.90</total></order></orders>`)
	type order struct {
		ID    int64  `xml:"id,attr"`
		Total string `xml:"total"`
	}
	for o, err := range format.Decode[order](file, format.XML{At: "orders.order"}) {
		fmt.Println(o.ID, o.Total, err)
	}
	// Output: 1 19.90 <nil>
}

// Without Lists, the item of the first order would be a string and the items of the second
// one a list.
func ExampleXML_lists() {
	file := strings.NewReader(`<orders><order><item>pen</item></order><order><item>ink</item><item>nib</item></order></orders>`)
	for order, err := range format.Decode[map[string]any](file, format.XML{At: "orders.order", Lists: []string{"item"}}) {
		fmt.Println(order, err)
	}
	// Output:
	// map[item:[pen]] <nil>
	// map[item:[ink nib]] <nil>
}

// Elements of two namespaces have the same local name. Prefixes tells them apart.
func ExampleXML_prefixes() {
	file := strings.NewReader(`<feed xmlns:m="http://search.yahoo.com/mrss/"><entry><title>Pen</title><m:title>Photo</m:title></entry></feed>`)
	feed := format.XML{At: "feed.entry", Prefixes: map[string]string{"http://search.yahoo.com/mrss/": "media"}}
	for entry, err := range format.Decode[map[string]any](file, feed) {
		fmt.Println(entry, err)
	}
	// Output: map[media:title:Photo title:Pen] <nil>
}

// Gzip is for files, such as export.ndjson.gz. A response with a Content-Encoding does
// not need it.
func ExampleGzip() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(transporttest.Gzipped("{\"id\":1}\n")) })
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export.ndjson.gz"}, format.Gzip(format.NDJSON{})) {
		fmt.Println(order.ID, err)
	}
	// Output: 1 <nil>
}

// Name selects the files of the archive.
func ExampleZip() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(zipped("README", "text", "orders-1.csv", "id\n1\n", "orders-2.csv", "id\n2\n"))
	})
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export.zip"},
		format.Zip{Name: "orders-*.csv", Format: format.CSV{}}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

// FixedWidth reads records of one line each, with an id of five characters and a total.
type FixedWidth struct{}

// Accept returns the media type of text.
func (FixedWidth) Accept() string { return "text/plain" }

// Read implements format.Format.
func (FixedWidth) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, int(maxRecord))
	for lines.Scan() {
		line := lines.Text()
		decode := func(v any) error {
			if len(line) < 5 {
				return fmt.Errorf("a line of %d characters", len(line))
			}
			id, err := strconv.Atoi(strings.TrimSpace(line[:5]))
			if err != nil {
				return err
			}
			text, err := json.Marshal(map[string]any{"id": id, "total": strings.TrimSpace(line[5:])})
			if err != nil {
				return err
			}
			return json.Unmarshal(text, v)
		}
		if !yield(decode) {
			return nil
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line: %w", format.ErrTooLarge)
	}
	return lines.Err()
}

// A connector implements a format that this package does not provide.
func ExampleFormat() {
	for order, err := range format.Decode[Order](strings.NewReader("    1 19.90\n    2  5.00\n"), FixedWidth{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// 2 5.00 <nil>
}
