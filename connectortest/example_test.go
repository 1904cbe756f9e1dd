package connectortest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connectortest"
)

// exampleTB replaces the *testing.T of a test.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                   {}
func (exampleTB) Context() context.Context  { return context.Background() }
func (exampleTB) Output() io.Writer         { return io.Discard }
func (exampleTB) Errorf(s string, a ...any) { fmt.Printf(s+"\n", a...) }
func (exampleTB) Fatalf(s string, a ...any) { panic(fmt.Sprintf(s, a...)) }

func ExampleRun() {
	var t *testing.T // the t of a test

	c := &library{APIKey: "key-0123456789"}
	connectortest.Run(t, c,
		connectortest.Source(func() http.Handler { return source{key: "key-0123456789", accounts: 20} }),
		connectortest.Contract("testdata/contract.json", &library{}))
}

func ExampleRunBinary() {
	var t *testing.T // the t of a test

	connectortest.RunBinary(t, "./connector", []byte(`{"api_key":"key-0123456789"}`))
}

func ExampleThroughProxy() {
	var t *testing.T // the t of a test

	c := &databaseReader{Address: "127.0.0.1:5432", Password: "password-0123456789"}
	connectortest.Run(t, c,
		connectortest.ThroughProxy("127.0.0.1:5432", func(c *databaseReader, address string) { c.Address = address }))
}

func ExampleEndless() {
	var t *testing.T // the t of a test

	c := &logReader{BaseURL: "http://log.test"}
	connectortest.Run(t, c, connectortest.Source(newLog), connectortest.Endless(time.Minute))
}

func ExampleSync() {
	var t exampleTB // the t of a test

	first := connectortest.Sync(t, &counter{Limit: 2})
	fmt.Println(connectortest.Rows[number](t, first, "numbers"), string(first.State))

	second := connectortest.Sync(t, &counter{Limit: 3}, connectortest.From(first.State))
	fmt.Println(connectortest.Rows[number](t, second, "numbers"), string(second.State))
	// Output:
	// [{1} {2}] {"numbers":{"cursor":2}}
	// [{2} {3}] {"numbers":{"cursor":3}}
}

func ExampleTrySync() {
	var t exampleTB // the t of a test

	failing := &counter{Limit: 1, Fail: connector.Errorf(connector.Transient, "the source is down")}
	r, err := connectortest.TrySync(t, failing)
	fmt.Println(len(r.Rows("numbers")), connector.KindOf(err))
	// Output: 1 transient
}

func ExampleSchema() {
	var t exampleTB // the t of a test

	for _, table := range connectortest.Schema(t, &counter{Limit: 1}).Tables() {
		fmt.Println(table, table.PrimaryKey())
	}
	// Output: math.numbers [n]
}

func ExampleTest() {
	var t exampleTB // the t of a test

	source := connectortest.Source(func() http.Handler { return source{key: "key-0123456789"} })
	fmt.Println(connectortest.Test(t, &library{APIKey: "key-0123456789"}, source))
	fmt.Println(connectortest.Test(t, &library{APIKey: "wrong-0123456789"}, source))
	// Output:
	// <nil>
	// the source rejects the key
}

func ExampleAssertRows() {
	var t exampleTB // the t of a test

	sync := connectortest.Sync(t, &counter{Limit: 2})
	connectortest.AssertRows(t, sync, "numbers", `[{"n":1},{"n":3}]`)
	// Output:
	// unexpected rows of table numbers (- want, + got):
	//     - row 2: {"n":3}
	//     + row 2: {"n":2}
}

func ExampleAssertDeletes() {
	var t exampleTB // the t of a test

	sync := connectortest.Sync(t, &counter{Limit: 2})
	fmt.Println(connectortest.AssertDeletes(t, sync, "numbers", `[{"n":0}]`))
	// Output: true
}

func ExampleAssertState() {
	var t exampleTB // the t of a test

	sync := connectortest.Sync(t, &counter{Limit: 2})
	connectortest.AssertState(t, sync, `{"numbers":{"cursor":3}}`)
	// Output:
	// unexpected state:
	//     want {"numbers":{"cursor":3}}
	//     got  {"numbers":{"cursor":2}}
}

func ExampleAt() {
	var t *testing.T // the t of a test

	connectortest.At(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), func(t *testing.T) {
		sync := connectortest.Sync(t, &counter{Limit: 2})
		connectortest.AssertState(t, sync, `{"numbers":{"cursor":2}}`)
	})
}

func ExampleGolden() {
	var t *testing.T // the t of a test

	sync := connectortest.Sync(t, &counter{Limit: 2})
	connectortest.Golden(t, sync, "testdata/numbers.jsonl")
}

func ExampleRows() {
	var t exampleTB // the t of a test

	sync := connectortest.Sync(t, &counter{Limit: 2})
	for _, row := range connectortest.Rows[number](t, sync, "numbers") {
		fmt.Println(row.N)
	}
	// Output:
	// 1
	// 2
}

func ExampleSelect() {
	var t exampleTB // the t of a test

	none := host.Selection{OnlyNamed: true}
	sync := connectortest.Sync(t, &counter{Limit: 2}, connectortest.Select(none))
	fmt.Println(len(sync.Rows("numbers")), "rows")
	// Output: 0 rows
}

func ExamplePlatform() {
	var t exampleTB // the t of a test

	var platform connectortest.Platform
	first := connectortest.Sync(t, &counter{Limit: 2}, connectortest.Into(&platform))
	connectortest.Sync(t, &counter{Limit: 3}, connectortest.From(first.State), connectortest.Into(&platform))

	var want connectortest.Platform
	connectortest.Sync(t, &counter{Limit: 4}, connectortest.Into(&want))
	fmt.Println(len(platform.Rows("numbers")), "rows")
	fmt.Println(platform.Diff(&want))
	// Output:
	// 3 rows
	// table math.numbers: 1 difference
	//     n=4: missing, want {"n":4}
}
