package transport_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/transport"
)

// An export of any size, one record in memory at a time.
func ExampleStream() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "id,total\n1,19.90\n2,5.00\n")
	})
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export"}, transport.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// 2 5.00 <nil>
}

func ExampleDecode() {
	file := strings.NewReader(`{"orders":[{"id":1,"total":"19.90"}]}`)
	for order, err := range transport.Decode[Order](file, transport.JSON{At: "orders"}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output: 1 19.90 <nil>
}

func ExampleNDJSON() {
	for order, err := range transport.Decode[Order](strings.NewReader("{\"id\":1}\n{\"id\":2}\n"), transport.NDJSON{}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleCSV() {
	file := strings.NewReader("4711;1.234,50\n")
	for row, err := range transport.Decode[map[string]string](file, transport.CSV{Comma: ';', Header: []string{"id", "amount"}}) {
		amount, _ := transport.ParseNumber(row["amount"], ',')
		fmt.Println(row["id"], amount, err)
	}
	// A row that doesn't fit its header.
	for _, err := range transport.Decode[map[string]string](strings.NewReader("a,b\n1\n"), transport.CSV{}) {
		fmt.Println(err)
	}
	// Output:
	// 4711 1234.50 <nil>
	// record on line 2: wrong number of fields
}

func ExampleXML() {
	file := strings.NewReader(`<orders><order id="1"><total>19.90</total></order></orders>`)
	type order struct {
		ID    int64  `xml:"id,attr"`
		Total string `xml:"total"`
	}
	for o, err := range transport.Decode[order](file, transport.XML{At: "orders.order"}) {
		fmt.Println(o.ID, o.Total, err)
	}
	// Output: 1 19.90 <nil>
}

func ExampleGzip() {
	client := api(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(gzipped("{\"id\":1}\n")) })
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export.ndjson.gz"}, transport.Gzip(transport.NDJSON{})) {
		fmt.Println(order.ID, err)
	}
	// Output: 1 <nil>
}

func ExampleZip() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(zipped("README", "text", "orders-1.csv", "id\n1\n", "orders-2.csv", "id\n2\n"))
	})
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export.zip"},
		transport.Zip{Name: "orders-*.csv", Format: transport.CSV{}}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleWindows() {
	windows := transport.Windows{
		Start:    time.Date(2024, 5, 1, 6, 0, 0, 0, time.UTC), // the cursor
		End:      time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC), // taken when the sync began
		Step:     24 * time.Hour,
		Lookback: time.Hour,
	}
	for w := range windows.All() {
		fmt.Println(w)
	}
	// Output:
	// [2024-05-01T05:00:00Z, 2024-05-02T05:00:00Z)
	// [2024-05-02T05:00:00Z, 2024-05-03T00:00:00Z)
}

// A source that refuses to give more than a day at a time.
func ExampleEachWindow() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		from, _ := time.Parse(time.RFC3339, r.FormValue("from"))
		to, _ := time.Parse(time.RFC3339, r.FormValue("to"))
		if to.Sub(from) > 24*time.Hour {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}, transport.WithRules(transport.Rule{Status: http.StatusRequestEntityTooLarge, Do: transport.DoSplit}), transport.WithLogger(quiet))

	windows := transport.Windows{Start: day(1), End: day(3)}
	err := transport.EachWindow(context.Background(), windows.All(), time.Hour, func(ctx context.Context, w transport.Window) error {
		_, err := client.Do(ctx, transport.Request{Path: "/orders", Query: url.Values{
			"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)},
		}})
		fmt.Println(w, errors.Is(err, transport.ErrSplit))
		return err
	})
	fmt.Println(err)
	// Output:
	// [2024-05-01T00:00:00Z, 2024-05-03T00:00:00Z) true
	// [2024-05-01T00:00:00Z, 2024-05-02T00:00:00Z) false
	// [2024-05-02T00:00:00Z, 2024-05-03T00:00:00Z) false
	// <nil>
}

// The issues of every project, four projects at a time.
func ExampleChildren() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/projects" {
			fmt.Fprint(w, `["a","b"]`)
			return
		}
		fmt.Fprintf(w, `["%s/1","%s/2"]`, r.URL.Path, r.URL.Path)
	})
	ctx := context.Background()
	projects := transport.Records[string](ctx, client, transport.Request{Path: "/projects"}, nil)
	issues := transport.Children(ctx, projects, 4, func(ctx context.Context, project string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Path: "/projects/" + url.PathEscape(project)}, nil)
	})
	for issue, err := range issues {
		fmt.Println(issue, err)
	}
	// Output:
	// /projects/a/1 <nil>
	// /projects/a/2 <nil>
	// /projects/b/1 <nil>
	// /projects/b/2 <nil>
}

// Each project with its issues, four projects at a time.
func ExampleFamilies() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/projects":
			fmt.Fprint(w, `["a","b"]`)
		case "/projects/a":
			fmt.Fprint(w, `["first","second"]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	})
	ctx := context.Background()
	projects := transport.Records[string](ctx, client, transport.Request{Path: "/projects"}, nil)
	issues := func(ctx context.Context, project string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Path: "/projects/" + url.PathEscape(project)}, nil)
	}
	for project, err := range transport.Families(ctx, projects, 4, issues) {
		fmt.Println(project.Parent, project.Children, err)
	}
	// Output:
	// a [first second] <nil>
	// b [] <nil>
}

func ExampleSlice() {
	client := api(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `[%q]`, r.FormValue("region")) })
	for v, err := range transport.Children(context.Background(), transport.Slice([]string{"eu", "us"}), 2, func(ctx context.Context, region string) iter.Seq2[string, error] {
		return transport.Records[string](ctx, client, transport.Request{Query: url.Values{"region": {region}}}, nil)
	}) {
		fmt.Println(v, err)
	}
	// Output:
	// eu <nil>
	// us <nil>
}

// A report that the source makes in its own time.
func ExampleReport() {
	status := []string{"queued", "done"}
	client := api(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /reports":
			fmt.Fprint(w, `{"id":"r1"}`)
		case "GET /reports/r1":
			fmt.Fprintf(w, `{"status":%q,"file":"/files/r1.csv"}`, status[0])
			status = status[1:]
		case "GET /files/r1.csv":
			fmt.Fprint(w, "id,total\n1,19.90\n")
		case "DELETE /reports/r1":
			fmt.Println("deleted")
		}
	})
	report := func(id string) string { return "/reports/" + url.PathEscape(id) }
	for order, err := range transport.Report[Order](context.Background(), client, transport.Job{
		Create: transport.Request{Method: "POST", Path: "/reports"}, ID: "id",
		Poll:   func(id string) transport.Request { return transport.Request{Path: report(id)} },
		Status: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURL: "file",
		Delete:   func(id string) transport.Request { return transport.Request{Method: "DELETE", Path: report(id)} },
		Interval: time.Millisecond,
	}, transport.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// deleted
}

func ExampleParseTime() {
	for _, text := range []string{"2024-05-01T14:30:15+02:00", "2024-05-01 12:30:15", "1714566615", "1714566615000", "05/06/2024"} {
		t, err := transport.ParseTime(text)
		fmt.Println(t.UTC().Format(time.RFC3339), err)
	}
	t, err := transport.ParseTime("05/06/2024", "02/01/2006")
	fmt.Println(t.Format(time.DateOnly), err)
	// Output:
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 0001-01-01T00:00:00Z not a time in a layout that can't be mistaken: "05/06/2024"
	// 2024-06-05 <nil>
}

func ExampleTime() {
	type row struct {
		At transport.Time `json:"at"`
	}
	for r, err := range transport.Decode[row](strings.NewReader(`[{"at":1714566615},{"at":"2024-05-01 12:30:15"}]`), transport.JSON{}) {
		fmt.Println(r.At.UTC(), err)
	}
	// Output:
	// 2024-05-01 12:30:15 +0000 UTC <nil>
	// 2024-05-01 12:30:15 +0000 UTC <nil>
}

func ExampleParseNumber() {
	fmt.Println(transport.ParseNumber("1.234,50", ','))
	fmt.Println(transport.ParseNumber("(1,000.00)", '.'))
	_, err := transport.ParseNumber("19.90 EUR", '.')
	fmt.Println(err)
	// Output:
	// 1234.50 <nil>
	// -1000.00 <nil>
	// not a number: "19.90 EUR"
}
