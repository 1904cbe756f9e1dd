package fivetran_test

import (
	"context"
	"fmt"
	"net"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Word is a row of the table words.
type Word struct {
	Text string `json:"text" schema:"primary_key"`
}

// A Book is a connector with one table, words.
type Book struct {
	Greeting string `json:"greeting" jsonschema:"title=Greeting"`
}

func (b *Book) Schema(context.Context) (schema.Schema, error) {
	return schema.New("book", schema.TableOf[Word]("words"))
}

func (b *Book) Test(context.Context) error { return nil }

func (b *Book) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("words", Word{b.Greeting})
}

// The main function of a connector that Fivetran, Airbyte, Singer and the others can run.
func ExampleHost() {
	main := func() { penstock.Main(&Book{}, fivetran.Host) }
	_ = main
}

// A program of your own, such as a test, serves on a listener until its context is done.
func ExampleServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // after the requests of a client
	srv := fivetran.Server{Connector: &Book{Greeting: "hello"}}
	fmt.Println(srv.Serve(ctx, l))
	// Output: <nil>
}
