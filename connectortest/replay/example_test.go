package replay_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/penstock-sdk/penstock/connectortest/replay"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// exampleT stands in for the *testing.T of a test.
type exampleT struct{ testing.TB }

func (exampleT) Helper()               {}
func (exampleT) Name() string          { return "TestOrders" }
func (exampleT) Cleanup(func())        {}
func (exampleT) Errorf(string, ...any) {}

func ExampleOpen() {
	network := replay.Open(exampleT{}, "testdata/orders.yaml", replay.Scrub("key-of-tests"))

	client, _ := transport.New("https://shop.example.com", transport.WithAuth(auth.Bearer("key-of-tests")))
	ctx := transport.NewContext(context.Background(), network)
	type order struct{ ID int64 }
	for o, err := range transport.Records[order](ctx, client, transport.Request{Path: "/orders", RecordsAt: "data"}, paging.NextURL{At: "next"}) {
		fmt.Println(o.ID, err)
	}
	// Output:
	// 1 <nil>
	// 9007199254740993 <nil>
}

func ExampleOpen_notRecorded() {
	network := replay.Open(exampleT{}, "testdata/orders.yaml")

	client, _ := transport.New("https://shop.example.com")
	_, err := client.Do(transport.NewContext(context.Background(), network), transport.Request{Path: "/orders?page=3"})
	var failure *transport.Error
	fmt.Println(errors.Is(err, replay.ErrNotRecorded), errors.As(err, &failure), failure.Attempts)
	// Output: true true 1
}

func ExampleIgnore() {
	network := replay.Open(exampleT{}, "testdata/orders.yaml", replay.Ignore("asked_at"))

	client, _ := transport.New("https://shop.example.com")
	_, err := client.Do(transport.NewContext(context.Background(), network), transport.Request{Path: "/orders?asked_at=1772366400"})
	fmt.Println(err)
	// Output: <nil>
}
