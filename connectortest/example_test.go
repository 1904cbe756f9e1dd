package connectortest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
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
